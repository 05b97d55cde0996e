/** Room for float64 rounding around bounds that stand in for exact sets. */
import type { Bounds, Vec3 } from './bounds.ts';

/** A few units in the last place of a coordinate (UTM northing: 4 nm), and never nothing. */
export function roundingMargin(value: number): number {
  return Math.abs(value) * 2 ** -50 + 2 ** -60;
}

/** The bounds grown by the rounding margin. Infinite sides stay infinite. */
export function outward({ min, max }: Bounds): Bounds {
  const down = (value: number) => (Number.isFinite(value) ? value - roundingMargin(value) : value);
  const up = (value: number) => (Number.isFinite(value) ? value + roundingMargin(value) : value);
  return { min: min.map(down) as unknown as Vec3, max: max.map(up) as unknown as Vec3 };
}
