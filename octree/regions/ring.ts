/** A closed ring of straight edges in a plane. Its inside is even-odd, and its border belongs to it. */

import type { Sliced } from '../../cache/foundation/index.ts';
import type { Corner } from './corner.ts';
import { RingGrid } from './ring-grid.ts';

/** Rounding error of the cross products below, relative to the squared length of the edge. */
const CROSS_ROUNDING = 2 ** -48;

/** A grid pays off from this many tests of a point against an edge. */
const MANY_TESTS = 40_000;

/** Testing a point against this many edges costs as much as testing it against a sphere. */
const CORNERS_PER_TEST = 8;

/** `PointSet.testCost` of a ring. In the worst case all of its edges are near every point. */
export function ringTestCost(corners: number): number {
  return 1 + corners / CORNERS_PER_TEST;
}

export class Ring {
  readonly corners: readonly Corner[];
  readonly min: Corner;
  readonly max: Corner;
  #grid: RingGrid | null = null;
  #pointsAsked = 0;
  /** False if the width of the ring overflows. */
  readonly #hasCells: boolean;

  /** `corners` in order, at least three; the last is joined to the first. */
  constructor(corners: readonly Corner[]) {
    this.corners = corners;
    [this.min, this.max] = extent(corners);
    this.#hasCells = Number.isFinite(this.max[0] - this.min[0]) && Number.isFinite(this.max[1] - this.min[1]);
  }

  /** The exact test. */
  contains(x: number, y: number): boolean {
    // This also decides where the products below underflow.
    if (!(x >= this.min[0] && x <= this.max[0] && y >= this.min[1] && y <= this.max[1])) return false;
    let inside = false;
    let [ax, ay] = this.corners[this.corners.length - 1]!;
    for (const [bx, by] of this.corners) {
      // Positive to the left of the edge from a to b. Differences to the point keep the precision at large
      // coordinates.
      const side = (ax - x) * (by - y) - (bx - x) * (ay - y);
      const between =
        Math.min(ax, bx) <= x && x <= Math.max(ax, bx) && Math.min(ay, by) <= y && y <= Math.max(ay, by);
      if (side === 0 && between) return true;
      if (ay > y !== by > y && side > 0 === by > ay) inside = !inside;
      ax = bx;
      ay = by;
    }
    return inside;
  }

  /** The grid for `points` more tests; null while there were too few to pay off. */
  gridFor(points: number): RingGrid | null {
    if (this.#isWorthGrid(points)) this.#grid = RingGrid.of(this);
    return this.#grid;
  }

  /** Builds the grid for `points` more tests in slices, if it pays off. */
  *prepare(points: number): Sliced<void> {
    if (this.#isWorthGrid(points)) this.#grid = yield* RingGrid.building(this);
  }

  #isWorthGrid(points: number): boolean {
    this.#pointsAsked += points;
    return this.#grid === null && this.#hasCells && this.#pointsAsked * this.corners.length >= MANY_TESTS;
  }

  /** The same as `contains`, with the grid if there is one. */
  has(x: number, y: number): boolean {
    return this.#grid === null ? this.contains(x, y) : this.#grid.contains(x, y);
  }

  /**
   * True if the ring passes through the convex hull of `points`, extended by `margin`; may be true for a near
   * miss. If it is false, the hull lies completely inside or completely outside of the ring.
   */
  touches(points: readonly Corner[], margin: number): boolean {
    const [low, high] = extent(points);
    const [x0, y0] = [low[0] - margin, low[1] - margin];
    const [x1, y1] = [high[0] + margin, high[1] + margin];
    const touchesEdge = (ax: number, ay: number, bx: number, by: number) =>
      Math.max(ax, bx) >= x0 &&
      Math.min(ax, bx) <= x1 &&
      Math.max(ay, by) >= y0 &&
      Math.min(ay, by) <= y1 &&
      isCut(points, ax, ay, bx, by, margin);
    if (this.#grid !== null) return this.#grid.someNear([x0, y0], [x1, y1], touchesEdge);
    let [ax, ay] = this.corners[this.corners.length - 1]!;
    for (const [bx, by] of this.corners) {
      if (touchesEdge(ax, ay, bx, by)) return true;
      ax = bx;
      ay = by;
    }
    return false;
  }
}

/** True unless all points lie on one side of the line through a and b. */
function isCut(
  points: readonly Corner[],
  ax: number,
  ay: number,
  bx: number,
  by: number,
  margin: number,
): boolean {
  const dx = bx - ax;
  const dy = by - ay;
  const edge = Math.abs(dx) + Math.abs(dy);
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  let reach = edge;
  for (const [x, y] of points) {
    const side = dx * (y - ay) - dy * (x - ax);
    if (side < least) least = side;
    if (side > greatest) greatest = side;
    reach = Math.max(reach, Math.abs(x - ax) + Math.abs(y - ay));
  }
  const slack = edge * (margin + reach * CROSS_ROUNDING);
  return least <= slack && greatest >= -slack;
}

function extent(points: readonly Corner[]): readonly [Corner, Corner] {
  let [x0, y0] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  let [x1, y1] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const [x, y] of points) {
    if (x < x0) x0 = x;
    if (x > x1) x1 = x;
    if (y < y0) y0 = y;
    if (y > y1) y1 = y;
  }
  return [
    [x0, y0],
    [x1, y1],
  ];
}
