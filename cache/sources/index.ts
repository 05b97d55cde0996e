/** The door of `cache/sources/`. */
export { isLoop, loopHeaders, loopToken, PEER_TOKEN } from './cdn-loop.ts';
export { FolderSource, type FolderSourceOptions } from './folder-source.ts';
export { HttpSource, type HttpSourceOptions } from './http-source.ts';
export { type OpenByteSourceOptions, type OpenedByteSource, openByteSource } from './open-byte-source.ts';
export type { RemoteOptions, S3Credentials, S3SourceOptions } from './remote/index.ts';
export { type S3ClientOptions, s3ClientConfig } from './remote/index.ts';
export { parseS3Uri, S3Source } from './s3-source.ts';
