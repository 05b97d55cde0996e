/**
 * The header of a PCD file (Point Cloud Library, "The PCD file format", versions .5 to .7). VIEWPOINT is
 * ignored: PCL's own tools disagree whether it is a position in the points' coordinates or a transformation
 * of them, and a wrong sensor position would harm every prediction. Use --sensor instead.
 */

import { NUMBER_BYTES, type NumberType } from '../../points/index.ts';
import type { InputFile } from '../input-file.ts';
import { badInput } from '../point-input.ts';
import { readTextHeader } from '../text/index.ts';

export interface PcdField {
  readonly name: string;
  readonly type: NumberType;
  /** Number of values of this field per point. */
  readonly count: number;
  /** Bytes from the start of a point's record. */
  readonly at: number;
  /** Index of its first value among the words of a line. */
  readonly word: number;
}

type PcdData = 'ascii' | 'binary' | 'binary_compressed';

export interface PcdHeader {
  readonly fields: readonly PcdField[];
  /** Bytes of a point. */
  readonly stride: number;
  /** Number of values per point. */
  readonly words: number;
  readonly points: number;
  readonly data: PcdData;
  /** Byte at which the data begin. */
  readonly end: number;
  readonly lines: number;
}

const TYPES: Readonly<Record<string, NumberType>> = {
  F4: 'float32',
  F8: 'float64',
  I1: 'int8',
  I2: 'int16',
  I4: 'int32',
  I8: 'int64',
  U1: 'uint8',
  U2: 'uint16',
  U4: 'uint32',
  U8: 'uint64',
};
const RETURN = 0x0d;
const MOST_FIELDS = 1024;
/** Most values of one field: point descriptors have hundreds. */
const MOST_VALUES = 65_536;

export async function readPcdHeader(file: InputFile): Promise<PcdHeader> {
  const { path } = file;
  const { lines, end } = await readTextHeader(file, (line) => /^DATA(\s|$)/.test(line));
  const extension = await readExtension(file, end);
  const entries = parseEntries(lines, path);
  const fields = parseFields(entries, path);
  const last = fields.at(-1)!;
  return {
    fields,
    stride: last.at + last.count * NUMBER_BYTES[last.type],
    words: last.word + last.count,
    points: parsePoints(entries, path),
    data: parseData(entries, path),
    end: end + extension.length,
    lines: lines.length + extension.split(/\r\n|\n|\r/).length - 1,
  };
}

/** "PCD v3.0 - Extended" of some annotation platforms has more header lines after DATA. */
const EXTENSION = /^\s*HEADER_EXT_START\b[\s\S]*?\bHEADER_EXT_END[^\r\n]*/;
const MOST_EXTENSION_BYTES = 64 * 1024;

/** The lines of an extended header that begin at byte `at`; '' if there are none. */
async function readExtension(file: InputFile, at: number): Promise<string> {
  const bytes = await file.read(at - 1, Math.min(file.size - at + 1, MOST_EXTENSION_BYTES));
  // Behind lines that end with CR alone, a line feed may be the first byte of the points.
  const [lineEnd, text] = [
    bytes[0] === RETURN ? /^\r/ : /^\r?\n/,
    Buffer.from(bytes.subarray(1)).toString('latin1'),
  ];
  const [extension = ''] = EXTENSION.exec(text) ?? [];
  if (extension === '') return '';
  return extension + (lineEnd.exec(text.slice(extension.length))?.[0] ?? '');
}

type Entries = ReadonlyMap<string, readonly string[]>;

function parseEntries(lines: readonly string[], path: string): Entries {
  const entries = new Map<string, readonly string[]>();
  for (const [index, line] of lines.entries()) {
    const [name, ...values] = line.trim().split(/\s+/);
    if (name === undefined || name === '' || name.startsWith('#')) continue;
    if (!/^[A-Z_]+$/.test(name)) throw badInput(path, `line ${index + 1}: is not a line of a PCD header`);
    if (entries.has(name)) throw badInput(path, `line ${index + 1}: ${name} occurs twice`);
    entries.set(name, values);
  }
  return entries;
}

function parseFields(entries: Entries, path: string): PcdField[] {
  const names = entries.get('FIELDS') ?? entries.get('COLUMNS');
  if (names === undefined || names.length === 0) throw badInput(path, 'its header names no FIELDS');
  if (names.length > MOST_FIELDS) throw badInput(path, `${names.length} FIELDS are too many`);
  const perField = (name: string, missing?: string): readonly string[] => {
    const values = entries.get(name) ?? (missing === undefined ? undefined : names.map(() => missing));
    if (values?.length === names.length) return values;
    throw badInput(path, `${name} has ${values?.length ?? 0} values for ${names.length} FIELDS`);
  };
  const sizes = perField('SIZE', '4');
  const types = perField('TYPE', 'F');
  const counts = perField('COUNT', '1');
  let [at, word] = [0, 0];
  return names.map((name, index) => {
    const type = TYPES[`${types[index]!}${sizes[index]!}`];
    if (type === undefined)
      throw badInput(path, `field ${name}: TYPE ${types[index]} of SIZE ${sizes[index]} is unknown`);
    const count = parseCount(counts[index]!);
    if (count === null || count > MOST_VALUES)
      throw badInput(path, `field ${name}: COUNT ${counts[index]} is not usable`);
    const field = { name, type, count, at, word };
    at += count * NUMBER_BYTES[type];
    word += count;
    return field;
  });
}

function parsePoints(entries: Entries, path: string): number {
  const number = (name: string): number | null => {
    const values = entries.get(name);
    if (values === undefined) return null;
    const count = values.length === 1 ? parseCount(values[0]!) : null;
    if (count === null) throw badInput(path, `${name} ${values.join(' ')} is not a number of points`);
    return count;
  };
  const [width, height, points] = [number('WIDTH'), number('HEIGHT') ?? 1, number('POINTS')];
  const area = width === null ? null : width * height;
  if (points === null && area === null) throw badInput(path, 'its header has neither POINTS nor WIDTH');
  if (points !== null && area !== null && points !== area) {
    throw badInput(path, `WIDTH ${width} x HEIGHT ${height} is ${area}, but POINTS is ${points}`);
  }
  const count = points ?? area!;
  if (!Number.isSafeInteger(count)) throw badInput(path, `${count} points are too many`);
  return count;
}

function parseData(entries: Entries, path: string): PcdData {
  const data = entries.get('DATA')?.join(' ').toLowerCase();
  if (data === 'ascii' || data === 'binary' || data === 'binary_compressed') return data;
  throw badInput(path, `DATA ${data} is not ascii, binary or binary_compressed`);
}

function parseCount(text: string): number | null {
  return /^\d{1,16}$/.test(text) ? Number(text) : null;
}
