/** The door of `octree/reader/`. */
export { CloudReader, type CloudReaderStats } from './cloud-reader.ts';
export type { Selection } from './points/index.ts';
export {
  type CroppedPoints,
  type FullPoints,
  joinedCost,
  PointPieces,
  PointsView,
  type PointsViewOptions,
  type ReadCost,
  type ReadTimings,
} from './points/index.ts';
export type {
  CloudOptions,
  DescribeOptions,
  NodeOptions,
  PlanReadOptions,
  ReadOptions,
  ReadStage,
} from './read-options.ts';
export { type CloudReaderOptions, READ_DEFAULTS } from './reader-options.ts';
