/** Margins for float64 rounding. */
import type { Bounds, Vec3 } from './bounds.ts';

/** A few units in the last place of a coordinate (4 nm for a UTM northing); never 0. */
export function roundingMargin(value: number): number {
  return Math.abs(value) * 2 ** -50 + 2 ** -60;
}

/** The bounds extended by the rounding margin. Infinite sides stay infinite. */
export function outward({ min, max }: Bounds): Bounds {
  const down = (value: number) => (Number.isFinite(value) ? value - roundingMargin(value) : value);
  const up = (value: number) => (Number.isFinite(value) ? value + roundingMargin(value) : value);
  return { min: min.map(down) as unknown as Vec3, max: max.map(up) as unknown as Vec3 };
}
