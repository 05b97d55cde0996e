/** The door of `cache/`: errors, byte sources, and what keeps bytes from being read twice. */

export {
  type ByteRange,
  type ByteSource,
  checkPath,
  checkRange,
  isPlainPath,
  type Listing,
  type ObjectStat,
  ObjectTooLarge,
  type SourceOptions,
  type SourceReadOptions,
  type StoredObject,
  type StoredPlace,
} from './byte-source/index.ts';
export { DiskTier, type DiskTierOptions, type DiskTierStats } from './disk/index.ts';
export {
  abortable,
  atOnce,
  ByteBudget,
  type ByteBudgetStats,
  ERROR_CODES,
  type ErrorCode,
  type FieldError,
  inSlices,
  isNearboxError,
  Limiter,
  NearboxError,
  type Release,
  Singleflight,
  type Sliced,
  type SliceOptions,
  TrimmedMean,
  WebAssembly,
} from './foundation/index.ts';
export { MemoryTier, type MemoryTierOptions, type MemoryTierStats } from './memory/index.ts';
export {
  asPipeline,
  OriginPipeline,
  type OriginStats,
  type OriginSteps,
  type StorageCall,
} from './origin/index.ts';
export type { RemoteOptions } from './sources/index.ts';
export {
  FolderSource,
  type FolderSourceOptions,
  HttpSource,
  type HttpSourceOptions,
  isLoop,
  loopHeaders,
  loopToken,
  type OpenByteSourceOptions,
  type OpenedByteSource,
  openByteSource,
  PEER_TOKEN,
  parseS3Uri,
  type S3ClientOptions,
  type S3Credentials,
  S3Source,
  type S3SourceOptions,
  s3ClientConfig,
} from './sources/index.ts';
export {
  cdnUpstream,
  nodePath,
  type Peer,
  Peers,
  type PeersOptions,
  PeerTier,
  type PeerTierOptions,
  type TileAddress,
  TileBytes,
  type TileBytesOptions,
  type TileBytesStats,
  type TileRead,
  type TileUpstream,
} from './tiles/index.ts';
