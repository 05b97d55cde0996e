/** The door of `octree/reader/`. */
export {
  type CloudOptions,
  CloudReader,
  type CloudReaderStats,
  type PlanReadOptions,
  type ReadOptions,
  type ReadStage,
} from './cloud-reader.ts';
export type { Selection } from './points/index.ts';
export {
  type CroppedPoints,
  type FullPoints,
  PointPieces,
  PointsView,
  type PointsViewOptions,
  type ReadCost,
  type ReadTimings,
} from './points/index.ts';
export { type CloudReaderOptions, READ_DEFAULTS } from './reader-options.ts';
