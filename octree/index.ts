/** The door of `octree/`: points of octree clouds by region, exact and of one version; and the worker pool that decoding and inference share. */
export { Bounds, type Vec3 } from './bounds.ts';
export type { FileRequest, StoredFile } from './cloud-files.ts';
export {
  CLOUD_ID_PATTERN,
  CLOUD_SEGMENT_PATTERN,
  checkCloudId,
  cloudIdProblem,
  isCloudId,
  MAX_CLOUD_ID_LENGTH,
} from './cloud-id.ts';
export type { CloudInfo } from './cloud-info.ts';
export {
  type CloudOptions,
  CloudReader,
  type CloudReaderStats,
  type PlanReadOptions,
  type ReadOptions,
  type ReadStage,
} from './cloud-reader.ts';
export type { DecodedNode } from './decoded-node.ts';
export { DIMENSIONS, type Dimension } from './dimensions.ts';
export type { NodeListing } from './find-node.ts';
export type { FormatName } from './format.ts';
export { Key } from './key.ts';
export type { CloudPage, ListCloudsOptions, ListedCloud } from './list-clouds.ts';
export { InlineDecoders, type NodeDecoders, PooledDecoders } from './node-decoders.ts';
export type { CroppedPoints, FullPoints, PointsView, ReadCost, ReadTimings } from './points-view.ts';
export type { ReadPlan, ReadPlanNode, StoredStretch } from './read-plan.ts';
export type { CloudReaderOptions } from './reader-options.ts';
export { DEFAULT_CLICK_RADIUS, type PointSet, pointSet, type Region, type RegionOptions } from './region.ts';
export { STORED_MEDIA_TYPES } from './stored-files.ts';
export type { Finding } from './validate/findings.ts';
export { type ValidateOptions, type ValidationReport, validateCloud } from './validate/validate-cloud.ts';
export { type RunOptions, WorkerPool, type WorkerPoolOptions, type WorkerPoolStats } from './worker-pool.ts';
export { poolData, type Reply, serveJobs } from './worker-port.ts';
