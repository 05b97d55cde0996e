/** The door of `octree/formats/`. */
export { COPC_EXTENSION, parseCopcHead, parseCopcPage, readOwnRecord } from './copc/index.ts';
export {
  EPT_DATA_EXTENSION,
  type EptJson,
  type EptMetadata,
  eptFormat,
  eptHierarchyPath,
  parseEptMetadata,
  pointStride,
} from './ept/index.ts';
export type {
  CloudFormat,
  FormatCloud,
  FormatLimits,
  FormatName,
  NodeLocation,
  OpenOptions,
  Validator,
} from './format.ts';
export { formatsOf } from './formats.ts';
export { type FrameData, NO_FRAME_DATA } from './frame-data.ts';
export { MAX_METRES } from './metres.ts';
export { toPotreeName } from './potree-name.ts';
export { nodeCorner, parsePotree1Metadata, parsePotree1Page } from './potree1/index.ts';
export { parsePotree2Chunk, parsePotree2Metadata, potree2NodeEncoding } from './potree2/index.ts';
