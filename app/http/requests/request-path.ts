/** The one reading of a URL's path: of the text as it came, before any parser resolves it. */
import { isPlainPath, NearboxError } from '../../../cache/index.ts';

/** Longest request target, bytes. */
export const MAX_TARGET_BYTES = 8192;

const ORIGIN = /^https?:\/\/[^/?#]*/i;

/**
 * The segments of the path of a request target, decoded once. Empty segments are dropped, and an escaped
 * slash separates like a written one.
 * @throws NearboxError `invalid_request` for a segment that is `.` or `..`, written out or escaped once or
 *   twice, or that has a backslash, a control character or broken UTF-8 in it; `uri_too_long`.
 */
export function pathSegments(target: string): string[] {
  if (target.length > MAX_TARGET_BYTES)
    throw new NearboxError('uri_too_long', `the URL has more than ${MAX_TARGET_BYTES} bytes`);
  const path = target.replace(ORIGIN, '').replace(/\?.*$/s, '');
  // A fragment is never sent; what reads it as one sees another path than what does not.
  if (path.includes('#')) throw wrongPath(path);
  const segments = path
    .split('/')
    .flatMap((segment) => decoded(segment).split('/'))
    .filter((segment) => segment !== '');
  for (const segment of segments)
    if (!isPlainPath(segment) || hasDotSegment(decodedOrAsIs(segment))) throw wrongPath(segment);
  return segments;
}

/** The path that `pathSegments` reads, written in one way: the same cloud always has the same path. */
export function canonicalPath(target: string): string {
  return `/${pathSegments(target).map(encodeURIComponent).join('/')}`;
}

/** The decoded segments behind `prefix` (`/tiles/`) of a canonical path. */
export function segmentsBehind(canonical: string, prefix: string): string[] {
  return canonical.slice(prefix.length).split('/').map(decoded);
}

function hasDotSegment(text: string): boolean {
  return text.split(/[/\\]/).some((part) => part === '.' || part === '..');
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw wrongPath(segment, 'is not percent-encoded UTF-8');
  }
}

function decodedOrAsIs(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function wrongPath(segment: string, what = 'is not a plain path segment'): NearboxError {
  const message = `${JSON.stringify(segment.slice(0, 200))} ${what}`;
  return new NearboxError('invalid_request', message, { fields: [{ path: 'path', message }] });
}
