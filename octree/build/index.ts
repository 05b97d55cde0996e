/** `nearbox build`: points in, octree (EPT) out. */

export {
  type BatchCounts,
  type BatchInput,
  type BuildCloudsOptions,
  type BuildResult,
  buildClouds,
  parseShard,
} from './batch/index.ts';
export { type BuiltCloud, buildCloud } from './build-cloud.ts';
export { composePoses, DEFAULT_SCALE } from './ingest/index.ts';
export {
  applyPose,
  BadInput,
  cloudName,
  guessFormat,
  INPUT_FORMATS,
  type InputFormat,
  openInput,
  parseInputFormat,
} from './inputs/index.ts';
export {
  BUILD_FORMATS,
  type BuildOptions,
  type BuildStage,
  ENCODINGS,
} from './options.ts';
export { openPlainFiles, type PlainFiles } from './output/index.ts';
