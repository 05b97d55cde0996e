/** How long answers may be kept. Errors never are: problem.ts says `no-store`. */

/** Of a URL with a version in it: what it names never changes. */
export const IMMUTABLE = 'public, max-age=31536000, immutable';
/**
 * Of a URL without one: for as long as a version is believed by default, then asked for again by its ETag.
 */
export const SHORT_LIVED = 'public, max-age=5, must-revalidate';

/** What a key opened is kept by the caller alone. */
export function asPrivate(headers: Headers): void {
  const value = headers.get('cache-control');
  if (value !== null) headers.set('cache-control', value.replace(/\bpublic\b/, 'private'));
}
