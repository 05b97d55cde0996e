/** The door of `cache/sources/remote/`. */
export { type HttpBase, HttpTransport } from './http-transport.ts';
export { type RemoteOptions, stepsOf, toRemoteLimits } from './options.ts';
export { RemoteStore } from './remote-store.ts';
export { type S3ClientOptions, s3ClientConfig } from './s3-client.ts';
export type { S3SourceOptions } from './s3-options.ts';
export { S3Transport } from './s3-transport.ts';
