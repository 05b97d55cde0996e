/** The door of `octree/build/batch/`: many clouds at once. */
export {
  type BatchCounts,
  type BuildCloudsOptions,
  type BuildResult,
  buildClouds,
  type FailedInput,
} from './build-clouds.ts';
export { type BuildShard, parseShard } from './shard.ts';
