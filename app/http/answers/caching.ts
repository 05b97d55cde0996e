/** Values of Cache-Control. Errors are never cached: problem.ts sends `no-store`. */

/** For a URL that contains a version: its content never changes. */
export const IMMUTABLE = 'public, max-age=31536000, immutable';
/**
 * For a URL without a version: fresh for as long as a version is trusted by default, then revalidated by its
 * ETag.
 */
export const SHORT_LIVED = 'public, max-age=5, must-revalidate';

/** Marks an answer that needed a key: only the caller may cache it. */
export function asPrivate(headers: Headers): void {
  const value = headers.get('cache-control');
  if (value !== null) headers.set('cache-control', value.replace(/\bpublic\b/, 'private'));
}
