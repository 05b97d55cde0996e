/** The Range header (RFC 9110, 14): one range of bytes. */
import type { ByteRange } from '../../../cache/index.ts';

/**
 * The requested range of a body of `size` bytes. null: the whole body. That is also the answer to another
 * unit, several ranges or a malformed header, which RFC 9110 says to ignore. `unsatisfiable`: the range lies
 * outside the body.
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
