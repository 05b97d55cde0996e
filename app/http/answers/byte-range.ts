/** The Range header (RFC 9110, 14): one range of bytes. */
import type { ByteRange } from '../../../cache/index.ts';

/**
 * The stretch of a body of `size` bytes that is asked for; null for all of it (no header, another unit,
 * several ranges, or one that cannot be read: these are to be ignored); `unsatisfiable` if no byte of it is
 * there.
 */
export function parseRange(header: string | undefined, size: number): ByteRange | null | 'unsatisfiable' {
  const match = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? '');
  if (match === null) return null;
  const [, first = '', last = ''] = match;
  if (first === '') {
    if (last === '') return null;
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { offset: size - length, length };
  }
  const offset = Number(first);
  if (last !== '' && Number(last) < offset) return null;
  if (offset >= size) return 'unsatisfiable';
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return { offset, length: end - offset + 1 };
}
