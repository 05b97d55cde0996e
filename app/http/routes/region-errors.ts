import type { ErrorCode } from '../../../cache/index.ts';

/** What may come of a question in a body that names a cloud and a region, whatever is asked of it. */
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
