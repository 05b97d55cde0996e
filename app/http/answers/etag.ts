/** Comparing entity tags (RFC 9110, 8.8.3). */

/** If-None-Match: true if the client already has this version. Weak comparison; `*` matches any tag. */
export function isNoneMatch(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  return (header.match(/(?:W\/)?"[^"]*"/g) ?? []).some((tag) => tag.replace(/^W\//, '') === etag);
}

/**
 * If-Range: true if a range may be sent. Strong comparison; a date never matches, because answers have no
 * dates.
 */
export function isRangeAllowed(header: string | undefined, etag: string): boolean {
  return header === undefined || header.trim() === etag;
}
