/** The door of `cache/`: errors, byte sources, and what keeps bytes from being read twice. */

export { abortable } from './abortable.ts';
export { AbsentMemory, type AbsentMemoryOptions } from './absent-memory.ts';
export {
  type ByteRange,
  type ByteSource,
  checkPath,
  checkRange,
  isPlainPath,
  type Listing,
  type ObjectStat,
  ObjectTooLarge,
  type ReadOptions,
  type SourceOptions,
  type StoredObject,
} from './byte-source.ts';
export { isLoop, loopHeaders, loopToken, PEER_TOKEN } from './cdn-loop.ts';
export { DiskTier, type DiskTierOptions, type DiskTierStats } from './disk-tier.ts';
export { ERROR_CODES, type ErrorCode, type FieldError, isNearboxError, NearboxError } from './errors.ts';
export { FolderSource, type FolderSourceOptions } from './folder-source.ts';
export { HedgedSource, type HedgedSourceOptions, type HedgedSourceStats } from './hedged-source.ts';
export { HttpSource, type HttpSourceOptions } from './http-source.ts';
export { Limiter } from './limiter.ts';
export { MemoryTier, type MemoryTierOptions, type MemoryTierStats } from './memory-tier.ts';
export { MergedSource, type MergedSourceOptions, type MergedSourceStats } from './merged-source.ts';
export { type OpenByteSourceOptions, type OpenedByteSource, openByteSource } from './open-byte-source.ts';
export { OwnerDetour, type OwnerDetourOptions } from './owner-detour.ts';
export { type Peer, Peers, type PeersOptions } from './peers.ts';
export type { RemoteOptions } from './remote/options.ts';
export { type S3ClientOptions, s3ClientConfig } from './remote/s3-client.ts';
export { parseS3Uri, type S3Credentials, S3Source, type S3SourceOptions } from './s3-source.ts';
export { Singleflight } from './singleflight.ts';
export {
  type TileAddress,
  TileBytes,
  type TileBytesOptions,
  type TileBytesStats,
  type TileRead,
} from './tile-bytes.ts';
export { cdnDetour, nodePath, type TileDetour } from './tile-detours.ts';
