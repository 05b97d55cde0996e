/** The door of `cache/sources/`. */
export { isLoop, loopHeaders, PEER_TOKEN } from './cdn-loop.ts';
export { FolderSource } from './folder-source.ts';
export { HttpSource, type HttpSourceOptions } from './http-source.ts';
export { type OpenByteSourceOptions, openByteSource } from './open-byte-source.ts';
export type { RemoteOptions } from './remote/index.ts';
export { type S3ClientOptions, s3ClientConfig } from './remote/index.ts';
export { parseS3Uri, S3Source } from './s3-source.ts';
