/** Finds and reads the header of a PLY input. */
import { type PlyHeader, parsePlyHeader } from '../../../ply/header/index.ts';
import type { InputFile } from '../input-file.ts';
import { badInput } from '../point-input.ts';
import { readTextHeader } from '../text/index.ts';

export interface PlyInputHeader extends PlyHeader {
  /** Byte at which the data begin. */
  readonly end: number;
  readonly lines: number;
}

export async function readPlyHeader(file: InputFile): Promise<PlyInputHeader> {
  const { path } = file;
  const magic = Buffer.from(await file.read(0, Math.min(file.size, 7))).toString('latin1');
  if (!/^(\u00ef\u00bb\u00bf)?ply[\r\n]/.test(magic)) {
    throw badInput(path, 'is not a PLY file: it does not begin with "ply"');
  }
  const { lines, end } = await readTextHeader(file, (line) => line.trim() === 'end_header');
  try {
    return { ...parsePlyHeader(lines), end, lines: lines.length };
  } catch (error) {
    throw badInput(path, (error as Error).message);
  }
}
