/** Number types of point formats, and their readers. */
import type { IntensityKind, NumberType } from './columns.ts';

export const NUMBER_BYTES: Readonly<Record<NumberType, number>> = {
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  float32: 4,
  float64: 8,
};

/** Reads a number at a byte of a view. 64-bit integers beyond 2^53 are rounded. */
export type ReadNumber = (view: DataView, at: number) => number;

export function numberReader(type: NumberType, littleEndian: boolean): ReadNumber {
  switch (type) {
    case 'int8':
      return (view, at) => view.getInt8(at);
    case 'uint8':
      return (view, at) => view.getUint8(at);
    case 'int16':
      return (view, at) => view.getInt16(at, littleEndian);
    case 'uint16':
      return (view, at) => view.getUint16(at, littleEndian);
    case 'int32':
      return (view, at) => view.getInt32(at, littleEndian);
    case 'uint32':
      return (view, at) => view.getUint32(at, littleEndian);
    case 'int64':
      return (view, at) => Number(view.getBigInt64(at, littleEndian));
    case 'uint64':
      return (view, at) => Number(view.getBigUint64(at, littleEndian));
    case 'float32':
      return (view, at) => view.getFloat32(at, littleEndian);
    case 'float64':
      return (view, at) => view.getFloat64(at, littleEndian);
  }
}

interface ColumnRows {
  /** Bytes from one record to the next. */
  readonly stride: number;
  readonly littleEndian: boolean;
  readonly count: number;
}

/**
 * Reads one number from each of `count` records. The frequent types have loops of their own, without calls.
 */
export function readColumn(
  view: DataView,
  { at, type }: { readonly at: number; readonly type: NumberType },
  { stride, littleEndian, count }: ColumnRows,
  to: Float64Array,
): void {
  if (type === 'float32' && littleEndian)
    for (let i = 0, from = at; i < count; i++, from += stride) to[i] = view.getFloat32(from, true);
  else if (type === 'float64' && littleEndian)
    for (let i = 0, from = at; i < count; i++, from += stride) to[i] = view.getFloat64(from, true);
  else if (type === 'int32' && littleEndian)
    for (let i = 0, from = at; i < count; i++, from += stride) to[i] = view.getInt32(from, true);
  else if (type === 'uint16' && littleEndian)
    for (let i = 0, from = at; i < count; i++, from += stride) to[i] = view.getUint16(from, true);
  else if (type === 'uint8')
    for (let i = 0, from = at; i < count; i++, from += stride) to[i] = view.getUint8(from);
  else {
    const read = numberReader(type, littleEndian);
    for (let i = 0, from = at; i < count; i++, from += stride) to[i] = read(view, from);
  }
}

/** The smallest type that stores an intensity of this type without loss. */
export function intensityKind(type: NumberType): IntensityKind {
  switch (type) {
    case 'uint8':
    case 'uint16':
      return 'uint16';
    case 'int8':
    case 'int16':
    case 'float32':
      return 'float32';
    default:
      return 'float64';
  }
}

/** One type that stores all of them without loss; null if none of them has a type. */
export function commonIntensity(kinds: readonly (IntensityKind | null)[]): IntensityKind | null {
  if (kinds.includes('float64')) return 'float64';
  if (kinds.includes('float32')) return 'float32';
  return kinds.includes('uint16') ? 'uint16' : null;
}
