/** Arrays of numpy as they stand in pickles. */
import { PickledObject } from './unpickle.ts';

export type PandasNumbers =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

export interface NumpyArray {
  readonly shape: readonly number[];
  /** Whether the first axis runs fastest. */
  readonly isFortran: boolean;
  /** Numbers, or what an array of objects holds. */
  readonly values: PandasNumbers | readonly unknown[];
  readonly isBoolean: boolean;
}

type NumberArrayConstructor = {
  new (buffer: ArrayBuffer): PandasNumbers;
  readonly BYTES_PER_ELEMENT: number;
};

const KINDS: Readonly<Record<string, NumberArrayConstructor>> = {
  b1: Uint8Array,
  i1: Int8Array,
  u1: Uint8Array,
  i2: Int16Array,
  u2: Uint16Array,
  i4: Int32Array,
  u4: Uint32Array,
  i8: BigInt64Array,
  u8: BigUint64Array,
  f4: Float32Array,
  f8: Float64Array,
};

/** The array of a pickled object. @throws Error if it is not an array of numbers or objects. */
export function readArray(value: unknown): NumpyArray {
  if (!(value instanceof PickledObject)) throw new Error('an array is missing');
  switch (value.name) {
    case '_frombuffer': {
      const [bytes, dtype, shape, order] = value.args;
      return arrayOf(shape, dtype, order === 'F', bytes);
    }
    case '_reconstruct': {
      const [, shape, dtype, isFortran, data] = value.state as unknown[];
      return arrayOf(shape, dtype, isFortran === true, data);
    }
    // Words, as pandas 3 keeps them.
    case '__pyx_unpickle_NDArrayBacked': {
      const [, array] = value.state as unknown[];
      return readArray(array);
    }
    default:
      throw new Error(`a ${value.name} cannot be read`);
  }
}

/** A numpy scalar as a number; everything else as it is. */
export function readScalar(value: unknown): unknown {
  if (!(value instanceof PickledObject) || value.name !== 'scalar') return value;
  const [dtype, bytes] = value.args;
  const { values, isBoolean } = arrayOf([1], dtype, false, bytes);
  return isBoolean ? values[0] === 1 : Number(values[0]);
}

function arrayOf(shape: unknown, dtype: unknown, isFortran: boolean, data: unknown): NumpyArray {
  const lengths = shape as readonly number[];
  const count = lengths.reduce((product, length) => product * length, 1);
  const { kind, order } = kindOf(dtype);
  if (kind.startsWith('O')) {
    if (!Array.isArray(data) || data.length !== count) throw new Error('an array is shorter than it says');
    return { shape: lengths, isFortran, values: data, isBoolean: false };
  }
  const Kind = KINDS[kind];
  if (Kind === undefined || order === '>')
    throw new Error(`numbers of the type ${order}${kind} cannot be read`);
  if (!(data instanceof Uint8Array) || data.length !== count * Kind.BYTES_PER_ELEMENT)
    throw new Error('an array is shorter than it says');
  // A copy: in the pickle it may stand at any byte.
  const values = new Kind(data.slice().buffer as ArrayBuffer);
  return { shape: lengths, isFortran, values, isBoolean: kind === 'b1' };
}

function kindOf(dtype: unknown): { readonly kind: string; readonly order: string } {
  if (!(dtype instanceof PickledObject) || dtype.name !== 'dtype') throw new Error('an array has no type');
  const state = dtype.state as unknown[] | null;
  return { kind: String(dtype.args[0]), order: String(state?.[1] ?? '<') };
}
