/** Writes one dimension of points into their records. */
import type { NumberType } from '../points/index.ts';

interface WrittenField {
  /** Its place in a record, bytes. */
  readonly at: number;
  /** 64-bit integers are held as float64 during the build, and written so. */
  readonly type: NumberType;
  /** Bytes of a record. */
  readonly stride: number;
}

/**
 * Little-endian; `points` are indices into `values`. Each type has its own loop: calls in it would be slow.
 */
export function writeField(
  view: DataView,
  { at: first, type, stride }: WrittenField,
  values: ArrayLike<number>,
  points: Uint32Array,
): void {
  const count = points.length;
  switch (type) {
    case 'int8':
    case 'uint8':
      for (let i = 0, at = first; i < count; i++, at += stride) view.setUint8(at, values[points[i]!]!);
      return;
    case 'int16':
    case 'uint16':
      for (let i = 0, at = first; i < count; i++, at += stride) view.setUint16(at, values[points[i]!]!, true);
      return;
    case 'int32':
    case 'uint32':
      for (let i = 0, at = first; i < count; i++, at += stride) view.setUint32(at, values[points[i]!]!, true);
      return;
    case 'float32':
      for (let i = 0, at = first; i < count; i++, at += stride)
        view.setFloat32(at, values[points[i]!]!, true);
      return;
    default:
      for (let i = 0, at = first; i < count; i++, at += stride)
        view.setFloat64(at, values[points[i]!]!, true);
  }
}
