/** The corners of a closed ring in a plane. */

/** x and y. */
export type Corner = readonly [number, number];

/**
 * A closed ring: the last corner is joined to the first. `min` and `max` are the corners of its bounding
 * rectangle.
 */
export interface ClosedRing {
  readonly corners: readonly Corner[];
  readonly min: Corner;
  readonly max: Corner;
}
