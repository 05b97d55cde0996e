/** The text header that PCD and PLY files begin with, before data of any kind. */
import type { InputFile } from './input-file.ts';
import { badInput } from './point-input.ts';

/** Longer headers are refused: they would be something else. */
const LONGEST_HEADER = 64 * 1024;

export interface TextHeader {
  /** Without their ends, the one that ends the header included. */
  readonly lines: readonly string[];
  /** The byte after the header's last line end. */
  readonly end: number;
}

/** Reads up to and with the first line for which `isLast` holds. */
export async function readTextHeader(
  file: InputFile,
  isLast: (line: string) => boolean,
): Promise<TextHeader> {
  const bytes = Buffer.from(await file.read(0, Math.min(file.size, LONGEST_HEADER)));
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, at);
    if (newline === -1) break;
    const line = bytes.toString('latin1', at, newline).replace(/\r$/, '');
    lines.push(line);
    at = newline + 1;
    if (isLast(line)) return { lines, end: at };
  }
  const why =
    bytes.length < LONGEST_HEADER
      ? 'its header has no end'
      : `its header is longer than ${LONGEST_HEADER} bytes`;
  throw badInput(file.path, why);
}
