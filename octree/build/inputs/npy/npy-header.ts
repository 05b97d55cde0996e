/** The header of a `.npy` file: a Python literal. Source: numpy.lib.format, "Format Version 1.0" to 3.0. */
import { NUMBER_BYTES, type NumberType } from '../../points/index.ts';
import type { InputFile } from '../input-file.ts';
import { badInput } from '../point-input.ts';

export interface NpyField {
  /** null in a plain array. */
  readonly name: string | null;
  /** null for types that are not read, such as padding or float16. */
  readonly type: NumberType | null;
  readonly at: number;
}

export interface NpyHeader {
  readonly shape: readonly number[];
  readonly isFortran: boolean;
  readonly littleEndian: boolean;
  /** Bytes of an element. */
  readonly stride: number;
  /** The fields of an element: one without a name, or those of a structure. */
  readonly fields: readonly NpyField[];
  /** Types of numpy among them that are not read. */
  readonly unknownTypes: readonly string[];
  /** The byte at which the data begin. */
  readonly start: number;
}

const MAGIC = '\x93NUMPY';
const MOST_HEADER_BYTES = 1024 * 1024;

const TYPES: Readonly<Record<string, NumberType>> = {
  i1: 'int8',
  u1: 'uint8',
  b1: 'uint8',
  i2: 'int16',
  u2: 'uint16',
  i4: 'int32',
  u4: 'uint32',
  i8: 'int64',
  u8: 'uint64',
  f4: 'float32',
  f8: 'float64',
};

export async function readNpyHeader(file: InputFile): Promise<NpyHeader> {
  const { path } = file;
  const head = Buffer.from(await file.read(0, Math.min(12, file.size)));
  if (head.toString('latin1', 0, 6) !== MAGIC || head.length < 12) throw badInput(path, 'is not a .npy file');
  const isLong = head[6]! >= 2;
  const length = isLong ? head.readUInt32LE(8) : head.readUInt16LE(8);
  if (length > MOST_HEADER_BYTES) throw badInput(path, `its header promises ${length} bytes`);
  const from = isLong ? 12 : 10;
  const text = Buffer.from(await file.read(from, length)).toString(head[6]! >= 3 ? 'utf8' : 'latin1');
  const header = parseLiteral(text);
  if (!(header instanceof Map)) throw badInput(path, 'its header is not a dictionary');
  const descr = header.get('descr');
  const shape = header.get('shape');
  if (!Array.isArray(shape) || !shape.every((n) => Number.isSafeInteger(n) && (n as number) >= 0))
    throw badInput(path, 'its header has no shape');
  const { fields, stride, littleEndian, unknownTypes } = fieldsOf(descr, path);
  return {
    shape: shape as number[],
    isFortran: header.get('fortran_order') === true,
    littleEndian,
    stride,
    fields,
    unknownTypes,
    start: from + length,
  };
}

function fieldsOf(
  descr: unknown,
  path: string,
): Pick<NpyHeader, 'fields' | 'stride' | 'littleEndian' | 'unknownTypes'> {
  const list: unknown[] = Array.isArray(descr) ? descr : [['', descr]];
  const fields: NpyField[] = [];
  const orders = new Set<boolean>();
  const unknownTypes = new Set<string>();
  let at = 0;
  for (const entry of list) {
    const [name, kind, shape] = entry as [unknown, unknown, unknown];
    const [, order, code, size] = (typeof kind === 'string' ? /^([<>|=])(\w)(\d+)$/.exec(kind) : null) ?? [];
    if (code === undefined)
      throw badInput(path, `its values of the type ${JSON.stringify(kind)} cannot be read`);
    const type = TYPES[`${code}${size}`] ?? null;
    const bytes = type === null ? Number(size) * (code === 'U' ? 4 : 1) : NUMBER_BYTES[type];
    if (type === null && code !== 'V') unknownTypes.add(String(kind));
    if (type !== null && bytes > 1) orders.add(order !== '>');
    const count = Array.isArray(shape) ? (shape as number[]).reduce((product, n) => product * n, 1) : 1;
    const plain = Array.isArray(descr) ? String(Array.isArray(name) ? name.at(-1) : name) : null;
    for (let i = 0; i < count; i++) {
      fields.push({ name: plain === null ? null : nameOf(plain, i, count), type, at });
      at += bytes;
    }
  }
  if (orders.size > 1) throw badInput(path, 'its fields have different byte orders');
  return { fields, stride: at, littleEndian: !orders.has(false), unknownTypes: [...unknownTypes] };
}

/** If a field has several numbers, each of them gets its own name. */
function nameOf(field: string, index: number, count: number): string {
  if (count === 3 && /^(xyz|position|points?|pos|coords?)$/i.test(field)) return 'xyz'[index]!;
  if (count >= 3 && count <= 4 && /^(rgba?|colou?rs?)$/i.test(field))
    return ['red', 'green', 'blue', 'alpha'][index]!;
  return count === 1 ? field : `${field}_${index}`;
}

/** Parses the header: words, numbers, truth values, tuples, lists and dictionaries. */
function parseLiteral(text: string): unknown {
  const tokens = text.match(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[A-Za-z]+|-?\d+|[()[\]{},:]/g) ?? [];
  let at = 0;
  const value = (): unknown => {
    const token = tokens[at++];
    if (token === '(' || token === '[') return list(token === '(' ? ')' : ']');
    if (token === '{') {
      const pairs = list('}');
      return new Map(
        pairs.flatMap((key, index) => (index % 2 === 0 ? [[key, pairs[index + 1]] as const] : [])),
      );
    }
    if (token === 'True' || token === 'False') return token === 'True';
    if (token?.startsWith("'") || token?.startsWith('"')) return token.slice(1, -1);
    return token === undefined ? undefined : Number(token);
  };
  const list = (end: string): unknown[] => {
    const values: unknown[] = [];
    while (at < tokens.length && tokens[at] !== end) {
      if (tokens[at] === ',' || tokens[at] === ':') at++;
      else values.push(value());
    }
    at++;
    return values;
  };
  return value();
}
