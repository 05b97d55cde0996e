/** The configuration of S3 clients. */
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import type { S3SourceOptions } from './s3-options.ts';

export type S3ClientOptions = Pick<S3SourceOptions, 'endpoint' | 'region' | 'forcePathStyle' | 'credentials'>;

/** Hosts that want the bucket in the host name. */
const VIRTUAL_HOSTED = /(^|\.)(amazonaws\.com(\.cn)?|tigris\.dev|storage\.dev)$/;

/**
 * The SDK's configuration for a store: one attempt a call, no checksums that only AWS knows, path style where
 * an endpoint of one's own wants it.
 */
export function s3ClientConfig(options: S3ClientOptions): S3ClientConfig {
  // The SDK finds these by itself, but does not conclude the path style from them.
  const endpoint = options.endpoint ?? process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL;
  const own = endpoint !== undefined && !VIRTUAL_HOSTED.test(hostOf(endpoint));
  const region =
    options.region ?? process.env.AWS_REGION ?? (endpoint === undefined ? undefined : 'us-east-1');
  return {
    // Most stores but AWS's own do not know the checksums that the SDK would else ask for.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 1,
    forcePathStyle: options.forcePathStyle ?? own,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...toIdentity(options.credentials),
  };
}

function toIdentity(credentials: S3ClientOptions['credentials']): S3ClientConfig {
  if (credentials === undefined) return {};
  if (credentials !== 'anonymous') return { credentials };
  return {
    credentials: { accessKeyId: 'anonymous', secretAccessKey: 'anonymous' },
    signer: { sign: async (request) => request },
  };
}

function hostOf(endpoint: string): string {
  return URL.canParse(endpoint) ? new URL(endpoint).hostname : '';
}
