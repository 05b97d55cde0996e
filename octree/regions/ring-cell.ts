/**
 * A rectangle of the plane, with the few ring edges near it. Only these are needed to test the points in the
 * rectangle.
 */

/**
 * The corners of a ring: x and y interleaved, the first corner repeated at the end. Edge k joins corner k and
 * corner k + 1.
 */
export type RingEdges = Float64Array<ArrayBuffer>;

/** A cell is split into this many columns and rows. */
const SPLIT = 4;
/** A cell with this many edges or fewer is not split. */
const FEW_EDGES = 16;
/** A cell is split after this many tests: splitting costs about as much as those tests did. */
const POINTS_BEFORE_SPLIT = 16;
/** A cell narrower than this many rounding errors of a coordinate is not split. */
const LEAST_CELL_IN_ROUNDINGS = 256;

/** What all cells of one ring share. */
export interface RingShape {
  readonly edges: RingEdges;
  /** An upper bound for the rounding error of a coordinate and of a distance to an edge. */
  readonly rounding: number;
  /** How many more edges all cells together may list: bounds their memory. */
  entriesLeft: number;
}

/**
 * The even-odd test of `Ring.contains`, with the near edges alone.
 *
 * `Ring.contains` counts the edges that cross a ray from the point to the right. Bend that ray upwards at the
 * right side of the cell: the far edges cross the bent ray equally often, odd or even, for every point of the
 * cell. That parity is `base`. An edge crosses the two rays differently often if exactly one of its ends lies
 * in the corner that the bend cuts off (above the point, right of the cell). Over all edges these differences
 * cancel out, because each corner of the ring is an end of two edges; so they are counted for the near edges
 * only.
 */
export class RingCell {
  readonly #shape: RingShape;
  readonly #near: Int32Array;
  readonly #base: boolean;
  readonly #x0: number;
  readonly #y0: number;
  readonly #x1: number;
  readonly #y1: number;
  #children: readonly RingCell[] | null = null;
  #asked = 0;
  #maySplit: boolean;

  /**
   * `near` are all edges that may touch the cell. The cell must be larger than the points asked of it, by the
   * rounding error.
   */
  constructor(
    shape: RingShape,
    near: Int32Array,
    base: boolean,
    [x0, y0, x1, y1]: readonly [number, number, number, number],
  ) {
    this.#shape = shape;
    this.#near = near;
    this.#base = base;
    this.#x0 = x0;
    this.#y0 = y0;
    this.#x1 = x1;
    this.#y1 = y1;
    const least = LEAST_CELL_IN_ROUNDINGS * shape.rounding;
    this.#maySplit = near.length > FEW_EDGES && x1 - x0 > least && y1 - y0 > least;
  }

  /** As `Ring.contains`, for a point of the cell. */
  contains(x: number, y: number): boolean {
    if (this.#children === null && this.#maySplit && ++this.#asked > POINTS_BEFORE_SPLIT) this.#split();
    if (this.#children !== null) return this.#children[this.#childOf(x, y)]!.contains(x, y);
    const { edges } = this.#shape;
    return containsNear(edges, this.#near, 0, this.#near.length, this.#x1, this.#base, x, y);
  }

  #childOf(x: number, y: number): number {
    const cell = (value: number, low: number, high: number) =>
      Math.max(0, Math.min(SPLIT - 1, Math.floor(((value - low) / (high - low)) * SPLIT)));
    return cell(y, this.#y0, this.#y1) * SPLIT + cell(x, this.#x0, this.#x1);
  }

  #split(): void {
    const { edges, rounding } = this.#shape;
    const width = (this.#x1 - this.#x0) / SPLIT;
    const height = (this.#y1 - this.#y0) / SPLIT;
    const children: RingCell[] = [];
    for (let row = 0; row < SPLIT; row++) {
      for (let column = 0; column < SPLIT; column++) {
        // 1 % larger, so that it holds every point that `#childOf` sends there in spite of rounding; but not
        // beyond this cell, because only the edges near this cell are known.
        const x0 = Math.max(this.#x0, this.#x0 + (column - 0.01) * width - rounding);
        const y0 = Math.max(this.#y0, this.#y0 + (row - 0.01) * height - rounding);
        const x1 = Math.min(this.#x1, this.#x0 + (column + 1.01) * width + rounding);
        const y1 = Math.min(this.#y1, this.#y0 + (row + 1.01) * height + rounding);
        const near = this.#near.filter((edge) => mayTouch(edges, edge, x0, y0, x1, y1));
        this.#shape.entriesLeft -= near.length;
        const [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2];
        const parity = crossings(edges, this.#near, 0, this.#near.length, this.#x1, this.#base, x, y);
        const base = crossings(edges, near, 0, near.length, x1, parity, x, y);
        children.push(new RingCell(this.#shape, near, base, [x0, y0, x1, y1]));
      }
    }
    this.#maySplit = false;
    if (this.#shape.entriesLeft > 0) this.#children = children;
  }
}

/**
 * The exact test with the edges `near[from]` to `near[to - 1]` of a cell whose right side is `right`. Each
 * edge is computed as in `Ring.contains`, so both agree to the last bit, also on the border.
 */
export function containsNear(
  edges: RingEdges,
  near: Int32Array,
  from: number,
  to: number,
  right: number,
  base: boolean,
  x: number,
  y: number,
): boolean {
  let inside = base;
  for (let k = from; k < to; k++) {
    const at = 2 * near[k]!;
    const ax = edges[at]!;
    const ay = edges[at + 1]!;
    const bx = edges[at + 2]!;
    const by = edges[at + 3]!;
    const side = (ax - x) * (by - y) - (bx - x) * (ay - y);
    if (
      side === 0 &&
      Math.min(ax, bx) <= x &&
      x <= Math.max(ax, bx) &&
      Math.min(ay, by) <= y &&
      y <= Math.max(ay, by)
    )
      return true;
    if (ay > y !== by > y && side > 0 === by > ay) inside = !inside;
    if ((ay > y && ax > right) !== (by > y && bx > right)) inside = !inside;
  }
  return inside;
}

/** The parity of the crossings alone, without the test for the border. */
function crossings(
  edges: RingEdges,
  near: Int32Array,
  from: number,
  to: number,
  right: number,
  parity: boolean,
  x: number,
  y: number,
): boolean {
  let odd = parity;
  for (let k = from; k < to; k++) {
    const at = 2 * near[k]!;
    const ax = edges[at]!;
    const ay = edges[at + 1]!;
    const bx = edges[at + 2]!;
    const by = edges[at + 3]!;
    const side = (ax - x) * (by - y) - (bx - x) * (ay - y);
    if (ay > y !== by > y && side > 0 === by > ay) odd = !odd;
    if ((ay > y && ax > right) !== (by > y && bx > right)) odd = !odd;
  }
  return odd;
}

/** False only if the edge does not touch the rectangle. */
function mayTouch(edges: RingEdges, edge: number, x0: number, y0: number, x1: number, y1: number): boolean {
  const at = 2 * edge;
  const ax = edges[at]!;
  const ay = edges[at + 1]!;
  const bx = edges[at + 2]!;
  const by = edges[at + 3]!;
  if (Math.max(ax, bx) < x0 || Math.min(ax, bx) > x1 || Math.max(ay, by) < y0 || Math.min(ay, by) > y1)
    return false;
  const [dx, dy] = [bx - ax, by - ay];
  // The largest cross product that the middle can have with a line that still touches the rectangle.
  const reach = (Math.abs(dx) * (y1 - y0) + Math.abs(dy) * (x1 - x0)) * (0.5 + 1e-9);
  return Math.abs(dx * ((y0 + y1) / 2 - ay) - dy * ((x0 + x1) / 2 - ax)) <= reach;
}
