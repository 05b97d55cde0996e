/** The text header of PCD and PLY files, before data of any kind. */
import type { InputFile } from '../input-file.ts';
import { badInput } from '../point-input.ts';

/** A longer header is refused: the file has another format. */
const LONGEST_HEADER = 64 * 1024;

const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const WIDE_BYTE_ORDER_MARKS = [
  [0xff, 0xfe],
  [0xfe, 0xff],
];

export interface TextHeader {
  /** The lines without their ends, up to the line that ends the header, which is included. */
  readonly lines: readonly string[];
  /** The byte after the last line end of the header. */
  readonly end: number;
}

/**
 * Reads lines up to the first one for which `isLast` is true. The end of the first line determines the line
 * ends of the header: LF, CR LF, or CR alone (old Mac tools, Rhinoceros). A UTF-8 byte order mark is skipped.
 */
export async function readTextHeader(
  file: InputFile,
  isLast: (line: string) => boolean,
): Promise<TextHeader> {
  const bytes = Buffer.from(await file.read(0, Math.min(file.size, LONGEST_HEADER)));
  refuseWideText(bytes, file.path);
  const lines: string[] = [];
  let at = startsWith(bytes, BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
  const lineEnd = lineEndOf(bytes);
  while (at < bytes.length) {
    const end = bytes.indexOf(lineEnd, at);
    if (end === -1) break;
    const line = bytes.toString('latin1', at, end).replace(/\r$/, '');
    lines.push(line);
    at = end + 1;
    if (isLast(line)) return { lines, end: at };
  }
  const why =
    bytes.length < LONGEST_HEADER
      ? 'its header has no end'
      : `its header is longer than ${LONGEST_HEADER} bytes`;
  throw badInput(file.path, why);
}

/** Throws `invalid_request` if the first bytes of a text say that it is UTF-16. */
export function refuseWideText(bytes: Uint8Array, path: string): void {
  if (WIDE_BYTE_ORDER_MARKS.some((mark) => startsWith(bytes, mark)))
    throw badInput(path, 'is UTF-16 text: save it as UTF-8 or ASCII');
}

/** The last byte of each line end of the header. */
function lineEndOf(bytes: Buffer): number {
  const feed = bytes.indexOf(LINE_FEED);
  const back = bytes.indexOf(RETURN);
  const isReturnAlone = back !== -1 && (feed === -1 || back < feed - 1);
  return isReturnAlone ? RETURN : LINE_FEED;
}

function startsWith(bytes: Uint8Array, mark: readonly number[]): boolean {
  return mark.every((byte, index) => bytes[index] === byte);
}
