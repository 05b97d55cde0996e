/** `nearbox build`: points in, octree (EPT) out. */

export {
  type BatchCounts,
  type BuildCloudsOptions,
  type BuildResult,
  buildClouds,
  parseShard,
} from './batch/index.ts';
export { type BuiltCloud, buildCloud } from './build-cloud.ts';
export { DEFAULT_SCALE } from './ingest/index.ts';
export {
  BadInput,
  cloudName,
  INPUT_FORMATS,
  type InputFormat,
  parseInputFormat,
} from './inputs/index.ts';
export {
  BUILD_FORMATS,
  type BuildOptions,
  type BuildStage,
  ENCODINGS,
} from './options.ts';
