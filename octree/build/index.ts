/** `nearbox build`: points in, octree (EPT) out. */

export {
  type BatchCounts,
  type BuildCloudsOptions,
  type BuildResult,
  type BuildShard,
  buildClouds,
  type FailedInput,
  parseShard,
} from './batch/index.ts';
export { type BuiltCloud, buildCloud } from './build-cloud.ts';
export { DEFAULT_SCALE, type WildPoints } from './ingest/index.ts';
export {
  BadInput,
  cloudName,
  guessFormat,
  INPUT_FORMATS,
  type InputFormat,
  parseInputFormat,
} from './inputs/index.ts';
export {
  BUILD_FORMATS,
  type BuildFormat,
  type BuildOptions,
  type BuildStage,
  DEFAULT_MAX_NODE_POINTS,
  DEFAULT_MEMORY_POINTS,
  DEFAULT_SPAN,
  ENCODINGS,
} from './options.ts';
export type { BuildEncoding, CloudPose } from './output/index.ts';
