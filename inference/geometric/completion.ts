/** From the part of an object that is seen to the whole of it, one axis at a time. */

/** What is seen along one axis of the rectangle, metres. */
export interface SeenSpan {
  readonly low: number;
  readonly high: number;
  /**
   * Which end faces the scanner, and how squarely: the component along this axis of the unit vector from the object to the scanner,
   * -1..1. 0 where it is unknown.
   */
  readonly facing: number;
}

/** A half width of the outermost returns: labels and real faces lie a little outside of them. Metres. */
export const PADDING = 0.04;
/** Seen more squarely than this, the end that faces the scanner is taken as the one that is really there. */
const FACING_ENOUGH = 0.12;

/**
 * The whole span of a given size: the end that faces the scanner stays where it was seen, the other end goes to where the size says. Where
 * neither end faces the scanner, both give way alike.
 */
export function spanOfSize(seen: SeenSpan, size: number): [number, number] {
  if (seen.facing > FACING_ENOUGH) return [seen.high + PADDING - size, seen.high + PADDING];
  if (seen.facing < -FACING_ENOUGH) return [seen.low - PADDING, seen.low - PADDING + size];
  const middle = (seen.low + seen.high) / 2;
  return [middle - size / 2, middle + size / 2];
}

/**
 * The sizes worth trying along one axis: what is seen, what is expected, and half way between; only what is seen where that is more than expected
 * (up to three spreads: beyond that something else hangs on to it).
 */
export function plausibleSizes(seen: SeenSpan, mean: number, spread: number): number[] {
  const extent = seen.high - seen.low + 2 * PADDING;
  const most = mean + 3 * spread;
  if (extent >= most) return [most, mean];
  if (extent >= mean) return [extent];
  if (extent > mean - spread) return [extent, mean];
  return extent > mean - 3 * spread ? [extent, (extent + mean) / 2, mean] : [mean - spread, mean];
}
