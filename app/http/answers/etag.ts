/** Comparing entity tags (RFC 9110, 8.8.3). */

/** If-None-Match: true if the caller has what the tag stands for. Weak comparison; `*` is anything. */
export function isNoneMatch(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  return (header.match(/(?:W\/)?"[^"]*"/g) ?? []).some((tag) => tag.replace(/^W\//, '') === etag);
}

/**
 * If-Range: true if a range may be sent. Strong comparison; a date never matches, for nothing here has one.
 */
export function isRangeAllowed(header: string | undefined, etag: string): boolean {
  return header === undefined || header.trim() === etag;
}
