/** `Content-Range` (RFC 9110, section 14.4) and entity tags (section 8.8.3). */
import type { ByteRange } from '../../byte-source/index.ts';

export interface ContentRange {
  /** First and last byte, both included; null in an answer 416 (`bytes *\/size`). */
  readonly span: { readonly first: number; readonly last: number } | null;
  /** Size of the whole object, or null if the server does not say (`*`). */
  readonly size: number | null;
}

const PATTERN = /^bytes (?:(\d+)-(\d+)|\*)\/(?:(\d+)|\*)$/;

/** What a `Content-Range` header says, or null if it is not one that makes sense. */
export function parseContentRange(header: string | null): ContentRange | null {
  const match = PATTERN.exec(header ?? '');
  if (match === null) return null;
  const size = match[3] === undefined ? null : Number(match[3]);
  if (size !== null && !Number.isSafeInteger(size)) return null;
  if (match[1] === undefined || match[2] === undefined) return size === null ? null : { span: null, size };
  const span = { first: Number(match[1]), last: Number(match[2]) };
  const sane =
    Number.isSafeInteger(span.last) && span.first <= span.last && (size === null || span.last < size);
  return sane ? { span, size } : null;
}

/**
 * A strong entity tag, or null. A weak one (`W/"..."`) says only that two answers mean the same, not that
 * their bytes are the same, and `If-Match` never matches it; so it is as good as none.
 */
export function strongEtag(header: string | null | undefined): string | null {
  return header !== null && header !== undefined && /^"[\x21\x23-\x7e\x80-\xff]*"$/.test(header)
    ? header
    : null;
}

/**
 * A range, or the last bytes, as a `Range` header asks for them (RFC 9110, section 14.1.2); neither must be
 * empty. undefined for neither.
 */
export function toRangeHeader(range: ByteRange | undefined, last?: number | undefined): string | undefined {
  if (range === undefined) return last === undefined ? undefined : `bytes=-${last}`;
  return `bytes=${range.offset}-${range.offset + range.length - 1}`;
}
