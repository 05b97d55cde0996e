/** The door of `octree/build/batch/`: many clouds at once. */
export {
  type BatchCounts,
  type BuildCloudsOptions,
  type BuildResult,
  buildClouds,
} from './build-clouds.ts';
export type { BatchInput } from './list-inputs.ts';
export { parseShard } from './shard.ts';
