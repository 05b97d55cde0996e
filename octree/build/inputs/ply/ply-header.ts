/** The header of a PLY file (G. Turk, "The PLY Polygon File Format", 1994). */

import type { NumberType } from '../../points/index.ts';
import type { InputFile } from '../input-file.ts';
import { badInput } from '../point-input.ts';
import { readTextHeader } from '../text/index.ts';

export interface PlyInputProperty {
  readonly name: string;
  /** The type of the value, or of a list's values. */
  readonly type: NumberType;
  /** The type of a list's length; null if the property is one value. */
  readonly listLength: NumberType | null;
}

export interface PlyElement {
  readonly name: string;
  readonly count: number;
  readonly properties: readonly PlyInputProperty[];
}

type PlyFormat = 'ascii' | 'binary_little_endian' | 'binary_big_endian';

export interface PlyHeader {
  readonly format: PlyFormat;
  readonly elements: readonly PlyElement[];
  /** Byte at which the data begin. */
  readonly end: number;
  readonly lines: number;
}

/** Type names of 1994 and of later writers. */
const TYPES: Readonly<Record<string, NumberType>> = {
  char: 'int8',
  int8: 'int8',
  uchar: 'uint8',
  uint8: 'uint8',
  short: 'int16',
  int16: 'int16',
  ushort: 'uint16',
  uint16: 'uint16',
  int: 'int32',
  int32: 'int32',
  uint: 'uint32',
  uint32: 'uint32',
  int64: 'int64',
  uint64: 'uint64',
  float: 'float32',
  float32: 'float32',
  double: 'float64',
  float64: 'float64',
};

export async function readPlyHeader(file: InputFile): Promise<PlyHeader> {
  const { path } = file;
  const magic = Buffer.from(await file.read(0, Math.min(file.size, 7))).toString('latin1');
  if (!/^(\u00ef\u00bb\u00bf)?ply[\r\n]/.test(magic)) {
    throw badInput(path, 'is not a PLY file: it does not begin with "ply"');
  }
  const { lines, end } = await readTextHeader(file, (line) => line.trim() === 'end_header');
  const header = new HeaderLines(path);
  for (const [index, line] of lines.entries()) {
    if (index > 0 && index < lines.length - 1) header.add(line.trim().split(/\s+/), index + 1);
  }
  return { ...header.result(), end, lines: lines.length };
}

class HeaderLines {
  readonly #path: string;
  readonly #elements: { name: string; count: number; properties: PlyInputProperty[] }[] = [];
  #format: PlyFormat | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  add(words: readonly string[], line: number): void {
    const fail = (what: string) => badInput(this.#path, `line ${line}: ${what}`);
    switch (words[0]) {
      case 'comment':
      case 'obj_info':
      case '':
        return;
      case 'format':
        this.#format = parseFormat(words) ?? raise(fail(`format ${words.slice(1).join(' ')} is not read`));
        return;
      case 'element':
        this.#elements.push(parseElement(words) ?? raise(fail('is not an element with a name and a count')));
        return;
      case 'property': {
        const element = this.#elements.at(-1) ?? raise(fail('a property before any element'));
        element.properties.push(parseProperty(words) ?? raise(fail('is not a property of a known type')));
        return;
      }
      default:
        throw fail('is not a line of a PLY header');
    }
  }

  result(): { format: PlyFormat; elements: readonly PlyElement[] } {
    if (this.#format === null) throw badInput(this.#path, 'its header names no format');
    return { format: this.#format, elements: this.#elements };
  }
}

function parseFormat(words: readonly string[]): PlyFormat | null {
  const [, format, version] = words;
  if (version !== '1.0' || words.length !== 3) return null;
  return format === 'ascii' || format === 'binary_little_endian' || format === 'binary_big_endian'
    ? format
    : null;
}

function parseElement(
  words: readonly string[],
): { name: string; count: number; properties: PlyInputProperty[] } | null {
  const [, name, count] = words;
  if (words.length !== 3 || name === undefined || !/^\d{1,15}$/.test(count ?? '')) return null;
  return { name, count: Number(count), properties: [] };
}

function parseProperty(words: readonly string[]): PlyInputProperty | null {
  const isList = words[1] === 'list';
  const [length, type, name] = isList ? [words[2], words[3], words[4]] : [undefined, words[1], words[2]];
  if (words.length !== (isList ? 5 : 3) || name === undefined) return null;
  const valueType = TYPES[type ?? ''];
  const listLength = isList ? TYPES[length ?? ''] : null;
  if (valueType === undefined || listLength === undefined) return null;
  if (listLength?.startsWith('float')) return null;
  return { name, type: valueType, listLength };
}

function raise(error: Error): never {
  throw error;
}
