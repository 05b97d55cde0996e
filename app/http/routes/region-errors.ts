import type { ErrorCode } from '../../../cache/index.ts';

/** The errors of every request whose body names a cloud and a region. */
export const REGION_ERRORS: readonly ErrorCode[] = [
  'invalid_request',
  'cloud_not_found',
  'cloud_changed',
  'body_too_large',
  'region_too_large',
  'unsupported_media_type',
  'corrupt_tile',
  'source_unavailable',
  'overloaded',
  'deadline_exceeded',
];
