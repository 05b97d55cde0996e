/**
 * The door of `octree/`: points of octree clouds by region, exact and of one version; and the worker pool
 * that decoding and inference share.
 */

export {
  FairQueue,
  InlineJobs,
  type InlineJobsOptions,
  type JobRunner,
  type JobShare,
  poolData,
  type Reply,
  type RunOptions,
  serveJobs,
  WorkerPool,
  type WorkerPoolOptions,
  type WorkerPoolStats,
} from '../cache/workers/index.ts';
export { decoderHeapBytes, InlineDecoders, type NodeDecoders, PooledDecoders } from './decode/index.ts';
export type { CloudPage, FileRequest, ListCloudsOptions, ListedCloud, StoredFile } from './files/index.ts';
export { cloudOfPath, listClouds, STORED_MEDIA_TYPES } from './files/index.ts';
export type { FormatName, FrameData } from './formats/index.ts';
export { Bounds, Key, type Vec3 } from './geometry/index.ts';
export type { NodeListing, ReadPlan, ReadPlanNode, StoredStretch } from './plan/index.ts';
export type { DecodedNode } from './points/index.ts';
export { DIMENSIONS, type Dimension } from './points/index.ts';
export type {
  CloudReaderOptions,
  CroppedPoints,
  FullPoints,
  PointsView,
  ReadCost,
  ReadTimings,
} from './reader/index.ts';
export {
  type CloudOptions,
  CloudReader,
  type CloudReaderStats,
  type DescribeOptions,
  joinedCost,
  type NodeOptions,
  type PlanReadOptions,
  READ_DEFAULTS,
  type ReadOptions,
  type ReadStage,
} from './reader/index.ts';
export {
  DEFAULT_CLICK_RADIUS,
  type PointSet,
  pointSet,
  type Region,
  type RegionOptions,
  regionSurcharge,
} from './regions/index.ts';
export type { Finding } from './validate/index.ts';
export {
  type CloudsReport,
  type CloudVerdict,
  hasCloudsBelow,
  type ValidateOptions,
  type ValidationReport,
  validateCloud,
  validateClouds,
} from './validate/index.ts';
export type { CloudInfo } from './versions/index.ts';
export {
  CLOUD_ID_PATTERN,
  CLOUD_SEGMENT_PATTERN,
  checkCloudId,
  cloudIdProblem,
  isCloudId,
  MAX_CLOUD_ID_LENGTH,
} from './versions/index.ts';
