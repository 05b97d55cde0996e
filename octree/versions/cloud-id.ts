/** Cloud ids, as CONTRACT.md defines them: a path below the configured root and nothing else. */
import { isPlainPath } from '../../cache/byte-source/index.ts';
import { NearboxError } from '../../cache/foundation/index.ts';

/** A scheme (`https:`) or a drive letter. */
const SCHEME = /^[a-z][a-z0-9+.-]*:/i;
/** A percent escape, which a later layer might decode. */
const PERCENT_ESCAPE = /%[0-9a-f]{2}/i;

const SEGMENT = '(?!~|\\.{1,2}(?:/|$))[^\\u0000-\\u001f\\u007f\\\\/]+';
const NO_SCHEME_OR_ESCAPE = '(?![A-Za-z][A-Za-z0-9+.\\-]*:)(?!.*%[0-9A-Fa-f]{2})';
/**
 * The rules of `cloudIdProblem` as one regular expression, for documents. It does not check the length and
 * lone surrogates.
 */
export const CLOUD_ID_PATTERN = `^${NO_SCHEME_OR_ESCAPE}${SEGMENT}(?:/${SEGMENT})*$`;
/** The same, for an id of one segment. */
export const CLOUD_SEGMENT_PATTERN = `^${NO_SCHEME_OR_ESCAPE}${SEGMENT}$`;

/**
 * Longest id, in UTF-16 units: the longest key of object stores (1,024 bytes) minus the longest file name
 * within a cloud.
 */
export const MAX_CLOUD_ID_LENGTH = 896;

/** Throws `invalid_request` unless `id` can name a cloud. Does not check whether the cloud exists. */
export function checkCloudId(id: string): void {
  const why = cloudIdProblem(id);
  if (why === null) return;
  throw new NearboxError('invalid_request', `${JSON.stringify(id)} is not a cloud id: ${why}`, {
    fields: [{ path: 'cloud', message: why }],
  });
}

/** True if `id` can name a cloud. */
export function isCloudId(id: string): boolean {
  return cloudIdProblem(id) === null;
}

/** Why `id` can name no cloud; null if it can. */
export function cloudIdProblem(id: unknown): string | null {
  if (typeof id !== 'string' || id === '') return 'it must be the path of a cloud below the root';
  if (id.length > MAX_CLOUD_ID_LENGTH) return `it must have at most ${MAX_CLOUD_ID_LENGTH} characters`;
  if (SCHEME.test(id)) return 'it must not be a URL';
  if (PERCENT_ESCAPE.test(id)) return 'it must not have percent escapes';
  if (!isPlainPath(id)) return 'it must be a relative path with plain segments';
  if (id.split('/').some((segment) => segment.startsWith('~'))) return 'no segment may begin with ~';
  return null;
}
