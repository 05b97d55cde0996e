/** The door of `cache/sources/remote/`. */
export { toRangeHeader } from './content-range.ts';
export { type RemoteLimits, type RemoteOptions, toRemoteLimits } from './options.ts';
export { RemoteReader } from './reader.ts';
export { type S3ClientOptions, s3ClientConfig } from './s3-client.ts';
export type { S3Credentials, S3SourceOptions } from './s3-options.ts';
export { S3Transport } from './s3-transport.ts';
export type { RemoteRequest, RemoteResponse, Transport } from './transport.ts';
export { areDatesTrusted, unchangedMs } from './unchanged.ts';
