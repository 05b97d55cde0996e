/** The segments of a request's path, each percent-decoded once. */
import type { Context } from 'hono';
import { isPlainPath, NearboxError } from '../../../cache/index.ts';

/**
 * The segments behind `prefix` (`/tiles/`), all of them plain: none is empty, `.` or `..`, or has a slash, backslash or control character
 * in it, written out or escaped. @throws NearboxError `invalid_request`.
 */
export function segmentsBehind(c: Context, prefix: string): string[] {
  // The router's own path is half decoded already.
  return segmentsOf(new URL(c.req.url), prefix);
}

/** The same of a URL that is not the request's own. */
export function segmentsOf({ pathname }: URL, prefix: string): string[] {
  const segments = pathname.slice(prefix.length).split('/').map(decoded);
  for (const segment of segments)
    if (segment.includes('/') || !isPlainPath(segment))
      throw wrongPath(`${JSON.stringify(segment)} is not a plain path segment`);
  return segments;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw wrongPath(`${JSON.stringify(segment)} is not percent-encoded UTF-8`);
  }
}

function wrongPath(message: string): NearboxError {
  return new NearboxError('invalid_request', message, { fields: [{ path: 'path', message }] });
}
