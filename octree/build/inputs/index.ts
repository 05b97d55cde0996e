/** The door of `octree/build/inputs/`. */
export { applyPose, type BuildPose } from './batch-pose.ts';
export { cloudName } from './cloud-name.ts';
export {
  guessFormat,
  hasKnownEnding,
  holdsSeveral,
  INPUT_FORMATS,
  type InputFormat,
  isPointFile,
  parseInputFormat,
} from './format.ts';
export { whyUnopened } from './input-file.ts';
export { listMcapParts } from './mcap/index.ts';
export { openInput } from './open.ts';
export { BadInput, badInput, PointBatch, type PointInput, wrongInput } from './point-input.ts';
export { type PointChunk, type PointSource, sourceInput } from './point-source.ts';
