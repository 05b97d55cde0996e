/** Tables in Arrow's IPC format, which Feather files are: columns of numbers and of words. */
import { DataType, type Table, tableFromIPC, type Vector } from 'apache-arrow';
import { codecsReady } from './codecs.ts';

interface ArrowNumbers {
  readonly type: NumberName;
  readonly values: ArrayLike<number | bigint>;
}

type NumberName =
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float32'
  | 'float64';

export interface ArrowTable {
  readonly rows: number;
  readonly numbers: ReadonlyMap<string, ArrowNumbers>;
  readonly words: ReadonlyMap<string, readonly (string | null)[]>;
}

const MAGIC = 'ARROW1';

/**
 * Reads a whole file. Columns of other kinds are left out.
 * @throws Error that says what is wrong, in words that go behind the file's name
 */
export async function readArrowTable(bytes: Uint8Array): Promise<ArrowTable> {
  checkMagic(bytes);
  await codecsReady();
  let table: Table;
  try {
    table = tableFromIPC(bytes);
  } catch (cause) {
    throw new Error(`it is not a readable Feather file: ${(cause as Error).message}`, { cause });
  }
  const numbers = new Map<string, ArrowNumbers>();
  const words = new Map<string, (string | null)[]>();
  for (const [index, { name, type }] of table.schema.fields.entries()) {
    const column = table.getChildAt(index)!;
    const number = numberName(type);
    if (number !== null) numbers.set(name, { type: number, values: valuesOf(column, type) });
    else if (DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isDictionary(type))
      words.set(
        name,
        Array.from({ length: column.length }, (_, row) => wordOf(column.get(row))),
      );
  }
  return { rows: table.numRows, numbers, words };
}

/** The library takes half a file for an empty one. */
function checkMagic(bytes: Uint8Array): void {
  const word = (at: number, length: number) => String.fromCharCode(...bytes.subarray(at, at + length));
  if (word(0, 4) === 'FEA1')
    throw new Error('Feather version 1 is not supported: write the file with version 2');
  if (word(0, MAGIC.length) !== MAGIC) throw new Error('it is not a Feather file');
  if (word(bytes.length - MAGIC.length, MAGIC.length) !== MAGIC) throw new Error('it is cut off');
}

function numberName(type: DataType): NumberName | null {
  if (DataType.isFloat(type)) return type.precision === 2 ? 'float64' : 'float32';
  if (!DataType.isInt(type)) return null;
  return `${type.isSigned ? '' : 'u'}int${type.bitWidth}` as NumberName;
}

/** A missing number is NaN, and 0 in a column of integers. */
function valuesOf(column: Vector, type: DataType): ArrayLike<number | bigint> {
  const isHalf = DataType.isFloat(type) && type.precision === 0;
  if (!isHalf && column.nullCount === 0) return column.toArray() as ArrayLike<number | bigint>;
  const missing = DataType.isFloat(type) ? Number.NaN : 0;
  return Float64Array.from({ length: column.length }, (_, row) => Number(column.get(row) ?? missing));
}

function wordOf(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}
