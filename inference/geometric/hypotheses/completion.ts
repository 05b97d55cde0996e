/** Completes the seen part of an object to its whole, one axis at a time. */

/** What is seen along one axis of the rectangle, metres. */
export interface SeenSpan {
  readonly low: number;
  readonly high: number;
  /**
   * Which end faces the scanner, and how squarely: the component along this axis of the unit vector from the
   * object to the scanner, -1..1. 0 where it is unknown.
   */
  readonly facing: number;
}

/** A half width of the outermost returns: labels and real faces lie a little outside of them. Metres. */
const PADDING = 0.04;
/** From this component on, the end that faces the scanner counts as really seen. */
const MIN_FACING = 0.12;

/**
 * The span of a given size: the end that faces the scanner stays, the other end moves. If neither faces the
 * scanner, both move alike.
 */
export function spanOfSize(seen: SeenSpan, size: number): [number, number] {
  if (seen.facing > MIN_FACING) return [seen.high + PADDING - size, seen.high + PADDING];
  if (seen.facing < -MIN_FACING) return [seen.low - PADDING, seen.low - PADDING + size];
  const middle = (seen.low + seen.high) / 2;
  return [middle - size / 2, middle + size / 2];
}

/**
 * Sizes to try along one axis: the seen one, the expected one, and half way between. If more is seen than
 * expected: only the seen one, up to three standard deviations, beyond which another object is attached.
 */
export function plausibleSizes(seen: SeenSpan, mean: number, spread: number): number[] {
  const extent = seen.high - seen.low + 2 * PADDING;
  const most = mean + 3 * spread;
  if (extent >= most) return [most, mean];
  if (extent >= mean) return [extent];
  if (extent > mean - spread) return [extent, mean];
  return extent > mean - 3 * spread ? [extent, (extent + mean) / 2, mean] : [mean - spread, mean];
}
