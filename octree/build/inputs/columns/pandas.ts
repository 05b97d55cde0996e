/** Pickled tables of pandas, such as PandaSet's `lidar/NN.pkl.gz`. */
import { readFile } from 'node:fs/promises';
import { gunzip, isGzip, type PandasColumn, readPandasPickle } from '../../../pandas/index.ts';
import type { NumberType } from '../../points/index.ts';
import { whyUnopened } from '../input-file.ts';
import { badInput, type PointInput, wrongInput } from '../point-input.ts';
import { columnsInput, type PointColumn, type PointTable } from './columns-input.ts';

const MAX_UNPACKED_BYTES = 2 ** 30;

const TYPES = new Map<string, NumberType>([
  ['Int8Array', 'int8'],
  ['Uint8Array', 'uint8'],
  ['Int16Array', 'int16'],
  ['Uint16Array', 'uint16'],
  ['Int32Array', 'int32'],
  ['Uint32Array', 'uint32'],
  ['BigInt64Array', 'int64'],
  ['BigUint64Array', 'uint64'],
  ['Float32Array', 'float32'],
  ['Float64Array', 'float64'],
]);

export function openPandas(path: string): Promise<PointInput> {
  return columnsInput(path, () => loadPickle(path));
}

async function loadPickle(path: string): Promise<PointTable> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw wrongInput(path, whyUnopened(cause), cause);
  });
  try {
    const packed = new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length);
    const { columns } = readPandasPickle(isGzip(packed) ? await gunzip(packed, MAX_UNPACKED_BYTES) : packed);
    return new Map([...columns].flatMap(([name, column]) => numbersOf(name, column)));
  } catch (cause) {
    throw badInput(path, (cause as Error).message, cause);
  }
}

/** Text columns are left out. */
function numbersOf(name: string, column: PandasColumn): [string, PointColumn][] {
  const type = TYPES.get(column.constructor.name);
  if (type !== undefined) return [[name, { type, values: column as ArrayLike<number | bigint> }]];
  const values = column as readonly unknown[];
  if (!values.every((value) => typeof value === 'number')) return [];
  return [[name, { type: 'float64', values }]];
}
