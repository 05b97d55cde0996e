/** Options of a bucket of S3. */
import type { RemoteOptions } from './options.ts';

export interface S3SourceOptions extends RemoteOptions {
  /** `s3://bucket` or `s3://bucket/prefix`. */
  readonly uri: string;
  /**
   * The store's address, for other stores than AWS. Default: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, the
   * shared config file, else AWS.
   */
  readonly endpoint?: string;
  /**
   * Default: AWS_REGION, the shared config file, and `us-east-1` for an endpoint of one's own. R2 and Tigris
   * take `auto`.
   */
  readonly region?: string;
  /**
   * `host/bucket/key` instead of `bucket.host/key`. Default: true for an endpoint of one's own (the option or
   * the environment), but for those of AWS and Tigris, which want the bucket in the host name.
   */
  readonly forcePathStyle?: boolean;
  /**
   * `anonymous` sends unsigned requests, for public buckets. Default: the SDK's own chain: environment,
   * shared files, web identity, instance metadata.
   */
  readonly credentials?: S3Credentials | 'anonymous';
}

interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}
