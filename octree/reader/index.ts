/** The door of `octree/reader/`. */
export {
  type CloudOptions,
  CloudReader,
  type CloudReaderStats,
  type PlanReadOptions,
  type ReadOptions,
  type ReadStage,
} from './cloud-reader.ts';
export { PointPieces } from './point-pieces.ts';
export {
  type CroppedPoints,
  type FullPoints,
  PointsView,
  type PointsViewOptions,
  type ReadCost,
  type ReadTimings,
} from './points-view.ts';
export type { CloudReaderOptions } from './reader-options.ts';
export type { Selection } from './selection.ts';
