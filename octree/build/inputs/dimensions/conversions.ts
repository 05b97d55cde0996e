/** From the values of an input to those of the dimensions that a cloud stores. */
import { NUMBER_BYTES, type NumberColumn, type NumberType } from '../../points/index.ts';
import type { ValueRange } from './value-ranges.ts';

/** Writes `count` values to `to` and returns how many did not fit, and became 0. */
export type Convert = (values: NumberColumn, count: number, to: Float64Array) => number;

const MOST_COLOUR = 65_535;

/** Whole numbers from 0 to `most`. */
export function whole(most: number): Convert {
  return (values, count, to) => {
    let misfits = 0;
    for (let i = 0; i < count; i++) {
      const value = values[i]!;
      const fits = value >= 0 && value <= most && Number.isInteger(value);
      to[i] = fits ? value : 0;
      if (!fits) misfits++;
    }
    return misfits;
  };
}

/** A part of a colour, to 16 bits. */
export function scaledColour(factor: number): Convert {
  return (values, count, to) => {
    let misfits = 0;
    for (let i = 0; i < count; i++) {
      const value = Math.round(values[i]! * factor);
      const fits = value >= 0 && value <= MOST_COLOUR;
      to[i] = fits ? value : 0;
      if (!fits) misfits++;
    }
    return misfits;
  };
}

/** One of the bytes of a packed colour, to 16 bits. `isFloat`: the bits are those of a float32. */
export function packedColour(shift: number, isFloat: boolean): Convert {
  const float = new Float32Array(1);
  const bits = new Uint32Array(float.buffer);
  return (values, count, to) => {
    for (let i = 0; i < count; i++) {
      if (isFloat) float[0] = values[i]!;
      else bits[0] = values[i]!;
      to[i] = ((bits[0]! >> shift) & 255) * 257;
    }
    return 0;
  };
}

/**
 * What makes 16 bits of a colour's values: of integers by their type, of others by the largest of them, since
 * floats are from 0 to 1 or as the bytes that they were made from. null: they are no colours.
 */
export function colourFactor(type: NumberType, range: ValueRange | null): number | null {
  if (type === 'uint8') return 257;
  if (type === 'uint16') return 1;
  if (range === null || range.least < 0) return null;
  if (range.most <= 1) return MOST_COLOUR;
  if (range.most <= 255) return 257;
  return range.most <= MOST_COLOUR ? 1 : null;
}

/** True if every value of the type is a whole number from 0 to `most`. */
export function typeFits(type: NumberType, most: number): boolean {
  if (most === Infinity) return true;
  return type.startsWith('uint') && 256 ** NUMBER_BYTES[type] - 1 <= most;
}
