/** The door of `cache/`: errors, byte sources, and what keeps bytes from being read twice. */

export {
  type ByteRange,
  type ByteSource,
  checkPath,
  isPlainPath,
} from './byte-source/index.ts';
export { DiskTier } from './disk/index.ts';
export {
  abortable,
  ByteBudget,
  type ByteBudgetStats,
  checkJsonShape,
  ERROR_CODES,
  type ErrorCode,
  type FieldError,
  isNearboxError,
  Limiter,
  linkedSignal,
  NearboxError,
  type Release,
  TrimmedMean,
  whenAborted,
} from './foundation/index.ts';

export {
  OriginPipeline,
  type StorageCall,
} from './origin/index.ts';
export type { RemoteOptions } from './sources/index.ts';
export {
  FolderSource,
  HttpSource,
  type HttpSourceOptions,
  isLoop,
  loopHeaders,
  type OpenByteSourceOptions,
  openByteSource,
  PEER_TOKEN,
  parseS3Uri,
  type S3ClientOptions,
  S3Source,
  s3ClientConfig,
} from './sources/index.ts';
export {
  cdnUpstream,
  Peers,
  PeerTier,
  type PeerTierOptions,
  TileBytes,
  type TileRead,
  type TileUpstream,
} from './tiles/index.ts';
