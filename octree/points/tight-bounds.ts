/** The extent of decoded points. */
import type { Bounds, Vec3 } from '../geometry/index.ts';
import type { AxisArray } from './decoded-node.ts';

/** Bounds of the points; null if there are none. Throws an Error if a coordinate is not a finite number. */
export function tightBounds(
  x: AxisArray,
  y: AxisArray,
  z: AxisArray,
  scale: Vec3,
  offset: Vec3,
): Bounds | null {
  if (x.length === 0) return null;
  return boundsOfExtents([extent(x), extent(y), extent(z)], scale, offset);
}

/** Smallest and largest stored value. */
export type Extent = readonly [low: number, high: number];

/**
 * Bounds of points from the extents of their stored values. Throws an Error if a coordinate is not a finite
 * number.
 */
export function boundsOfExtents(
  ranges: readonly [Extent, Extent, Extent],
  scale: Vec3,
  offset: Vec3,
): Bounds {
  const corner = (axis: 0 | 1 | 2, end: 0 | 1) => ranges[axis][end] * scale[axis] + offset[axis];
  const bounds: Bounds = {
    min: [corner(0, 0), corner(1, 0), corner(2, 0)],
    max: [corner(0, 1), corner(1, 1), corner(2, 1)],
  };
  if (![...bounds.min, ...bounds.max].every(Number.isFinite))
    throw new Error('a coordinate is not a finite number');
  return bounds;
}

/** Smallest and largest value, of at least one; both NaN if any value is NaN. */
function extent(values: AxisArray): Extent {
  return values instanceof Int32Array ? integerExtent(values) : floatExtent(values);
}

function integerExtent(values: Int32Array): Extent {
  let low = values[0]!;
  let high = low;
  for (let i = 1; i < values.length; i++) {
    const value = values[i]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

function floatExtent(values: Float64Array): Extent {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  // Comparisons ignore NaN; the sum does not.
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value < low) low = value;
    if (value > high) high = value;
    sum += value;
  }
  return Number.isNaN(sum) ? [Number.NaN, Number.NaN] : [low, high];
}
