/**
 * A ring prepared for many points: most are decided by their cell in a grid, the others by the few edges near
 * their cell.
 */

import { atOnce, type Sliced } from '../../cache/foundation/index.ts';
import { roundingMargin } from '../geometry/index.ts';
import type { ClosedRing, Corner } from './corner.ts';
import { containsNear, RingCell, type RingEdges, type RingShape } from './ring-cell.ts';

/** Cells along each axis. */
export const CELLS = 256;

/**
 * Cells between the ring and the border of the grid. Points outside the grid are looked up in the border
 * cells.
 */
const BORDER_CELLS = 1.25;
/** Smallest width of the grid, relative to its other width and to the coordinates. A ring may be a line. */
const LEAST_WIDTH_RATIO = 2 ** -30;
/** Smallest width of the grid, metres: keeps the number of cells per metre finite. */
const LEAST_WIDTH_METRES = 1e-100;
/**
 * Largest error of a position when its cell is looked up, in cells. An edge belongs to all cells within twice
 * that.
 */
export const MAX_PLACE_ERROR = 1 / 32;
const CELL_MARGIN = 2 * MAX_PLACE_ERROR;
/** How many edges all split cells together may list (16 MiB). */
const MAX_SPLIT_ENTRIES = 4 * 1024 * 1024;
/**
 * A cell with more edges than this becomes a `RingCell`, which splits itself when many of its points are
 * tested.
 */
const MANY_EDGES = 16;
/** Pairs of an edge and a row in one step of building the grid: about a millisecond. */
const PAIRS_PER_STEP = 16_384;

const OUTSIDE = 0;
const INSIDE = 1;
/**
 * The ring passes through the cell or close to it. In all three values, the lowest bit says whether points
 * may be inside.
 */
export const MIXED = 3;

export class RingGrid {
  /** The grid's least corner. */
  readonly x0: number;
  readonly y0: number;
  readonly cellsPerX: number;
  readonly cellsPerY: number;
  /** Row by row: OUTSIDE, INSIDE or MIXED. */
  readonly cells = new Uint8Array(CELLS * CELLS);
  /**
   * True if all border cells are OUTSIDE. False for rings that are very narrow for the size of their
   * coordinates.
   */
  readonly hasClearBorder: boolean;
  readonly #min: Corner;
  readonly #max: Corner;
  /** An upper bound for the error when the cell of a point is looked up. */
  readonly #marginX: number;
  readonly #marginY: number;
  readonly #shape: RingShape;
  /** The edges near cell c are `#near[#starts[c]]` to `#near[#starts[c + 1] - 1]`. */
  readonly #starts = new Int32Array(CELLS * CELLS + 2);
  #near = new Int32Array(0);
  /** The parity of the far edges of each cell, see `RingCell`. */
  readonly #bases = new Uint8Array(CELLS * CELLS);
  /** Cells with many edges, made when a point in them is first tested. */
  readonly #splitCells = new Map<number, RingCell>();

  constructor(ring: ClosedRing) {
    const { min, max, corners } = ring;
    this.#min = min;
    this.#max = max;
    const [width, height] = [max[0] - min[0], max[1] - min[1]];
    const least = (axis: 0 | 1, other: number) =>
      Math.max(other, Math.abs(min[axis]), Math.abs(max[axis])) * LEAST_WIDTH_RATIO + LEAST_WIDTH_METRES;
    this.cellsPerX = (CELLS - 2 * BORDER_CELLS) / Math.max(width, least(0, height));
    this.cellsPerY = (CELLS - 2 * BORDER_CELLS) / Math.max(height, least(1, width));
    this.x0 = min[0] - BORDER_CELLS / this.cellsPerX;
    this.y0 = min[1] - BORDER_CELLS / this.cellsPerY;
    this.#marginX = CELL_MARGIN / this.cellsPerX + this.#rounding(0);
    this.#marginY = CELL_MARGIN / this.cellsPerY + this.#rounding(1);
    this.hasClearBorder =
      this.#marginX * this.cellsPerX < BORDER_CELLS - 1 && this.#marginY * this.cellsPerY < BORDER_CELLS - 1;
    this.#shape = {
      edges: edgesOf(corners),
      rounding: this.#rounding(0) + this.#rounding(1) + (width + height) * 2 ** -46,
      entriesLeft: MAX_SPLIT_ENTRIES,
    };
  }

  /** The grid of a ring, built at once. */
  static of(ring: ClosedRing): RingGrid {
    return atOnce(RingGrid.building(ring));
  }

  /** The same in slices. */
  static *building(ring: ClosedRing): Sliced<RingGrid> {
    const grid = new RingGrid(ring);
    yield* grid.#fill();
    return grid;
  }

  /**
   * False only if the point is not in the ring: one table lookup. The point must lie in the rectangle around
   * the ring.
   */
  mayContain(x: number, y: number): boolean {
    return this.cells[this.#cellOf(x, y)] !== OUTSIDE;
  }

  /** As `Ring.contains`. */
  contains(x: number, y: number): boolean {
    const isNear = x >= this.#min[0] && x <= this.#max[0] && y >= this.#min[1] && y <= this.#max[1];
    return isNear && this.containsNear(x, y);
  }

  /** The same for a point that lies in the rectangle around the ring. */
  containsNear(x: number, y: number): boolean {
    const at = this.#cellOf(x, y);
    const cell = this.cells[at]!;
    return cell === INSIDE || (cell === MIXED && this.#containsInCell(x, y, at));
  }

  /**
   * True if `test` is true for an edge near the rectangle. All edges that touch the rectangle are tested, and
   * some others.
   */
  someNear(
    [x0, y0]: Corner,
    [x1, y1]: Corner,
    test: (ax: number, ay: number, bx: number, by: number) => boolean,
  ): boolean {
    const left = this.#cell(x0 - this.#marginX, 0);
    const right = this.#cell(x1 + this.#marginX, 0);
    const low = this.#cell(y0 - this.#marginY, 1);
    const high = this.#cell(y1 + this.#marginY, 1);
    const { edges } = this.#shape;
    for (let row = low; row <= high; row++) {
      const end = this.#starts[row * CELLS + right + 1]!;
      for (let k = this.#starts[row * CELLS + left]!; k < end; k++) {
        const at = 2 * this.#near[k]!;
        if (test(edges[at]!, edges[at + 1]!, edges[at + 2]!, edges[at + 3]!)) return true;
      }
    }
    return false;
  }

  #containsInCell(x: number, y: number, cell: number): boolean {
    const [from, to] = [this.#starts[cell]!, this.#starts[cell + 1]!];
    if (to - from > MANY_EDGES) return this.#splitCell(cell).contains(x, y);
    const right = this.#rightOf(cell % CELLS);
    return containsNear(this.#shape.edges, this.#near, from, to, right, this.#bases[cell] === 1, x, y);
  }

  #splitCell(cell: number): RingCell {
    let split = this.#splitCells.get(cell);
    if (split === undefined) {
      const near = this.#near.subarray(this.#starts[cell]!, this.#starts[cell + 1]!);
      const [column, row] = [cell % CELLS, Math.floor(cell / CELLS)];
      const box = [
        this.x0 + column / this.cellsPerX - this.#marginX,
        this.y0 + row / this.cellsPerY - this.#marginY,
        this.#rightOf(column),
        this.y0 + (row + 1) / this.cellsPerY + this.#marginY,
      ] as const;
      split = new RingCell(this.#shape, near, this.#bases[cell] === 1, box);
      this.#splitCells.set(cell, split);
    }
    return split;
  }

  /** An x that no point of the column exceeds. */
  #rightOf(column: number): number {
    return this.x0 + (column + 1) / this.cellsPerX + this.#marginX;
  }

  #cellOf(x: number, y: number): number {
    return (((y - this.y0) * this.cellsPerY) | 0) * CELLS + (((x - this.x0) * this.cellsPerX) | 0);
  }

  /**
   * Counts the edges near each cell, lists them, then sets each cell without edges to the side that its base
   * says.
   */
  *#fill(): Sliced<void> {
    // While counting, entry c + 2 holds the number of edges of cell c. After summing, entry c + 1 holds the
    // position of its first edge. That position moves on while the edges are listed, and ends at the position
    // of the first edge of cell c + 1.
    const starts = this.#starts;
    yield* this.#walkEdges((_edge, row, left, right) => {
      for (let at = row * CELLS + left + 2; at <= row * CELLS + right + 2; at++) starts[at]! += 1;
    });
    let sum = 0;
    for (let at = 2; at < starts.length; at++) {
      sum += starts[at]!;
      starts[at] = sum;
    }
    this.#near = new Int32Array(sum);
    // Counted for each edge in the lowest cell of the column that it touches: whether it crosses the right
    // side of the column (odd or even).
    const flips = new Uint8Array(CELLS * CELLS);
    const { edges } = this.#shape;
    let current = -1;
    let [seenFrom, seenTo] = [0, 0];
    yield* this.#walkEdges((edge, row, left, right) => {
      if (edge !== current) [current, seenFrom, seenTo] = [edge, left, left - 1];
      for (let column = left; column <= right; column++) {
        const cell = row * CELLS + column;
        this.#near[starts[cell + 1]!++] = edge;
        if (column >= seenFrom && column <= seenTo) continue;
        const side = this.#rightOf(column);
        if (edges[2 * edge]! > side !== edges[2 * edge + 2]! > side) flips[cell]! ^= 1;
      }
      // The rows go upwards and the edge is straight, so the columns seen so far have no gap.
      [seenFrom, seenTo] = [Math.min(seenFrom, left), Math.max(seenTo, right)];
    });
    yield;
    const above = new Uint8Array(CELLS);
    for (let row = CELLS - 1; row >= 0; row--) {
      for (let column = 0, cell = row * CELLS; column < CELLS; column++, cell++) {
        const base = above[column]!;
        this.#bases[cell] = base;
        // OUTSIDE is 0 and INSIDE is 1, like the bases.
        this.cells[cell] = starts[cell + 1]! > starts[cell]! ? MIXED : base;
        above[column] = base ^ flips[cell]!;
      }
    }
  }

  /**
   * Calls `visit` for each edge and each row near it, upwards, with the range of columns near the edge in
   * that row.
   */
  *#walkEdges(visit: (edge: number, row: number, left: number, right: number) => void): Sliced<void> {
    const { edges } = this.#shape;
    const [marginX, marginY] = [this.#marginX, this.#marginY];
    let pairs = 0;
    for (let edge = 0; 2 * edge + 3 < edges.length; edge++) {
      const ax = edges[2 * edge]!;
      const ay = edges[2 * edge + 1]!;
      const bx = edges[2 * edge + 2]!;
      const by = edges[2 * edge + 3]!;
      const low = this.#cell(Math.min(ay, by) - marginY, 1);
      const high = this.#cell(Math.max(ay, by) + marginY, 1);
      for (let row = low; row <= high; row++) {
        // The part of the edge in the row, including the margin.
        const s = by === ay ? 0 : (this.y0 + row / this.cellsPerY - marginY - ay) / (by - ay);
        const t = by === ay ? 1 : (this.y0 + (row + 1) / this.cellsPerY + marginY - ay) / (by - ay);
        const from = Math.max(0, Math.min(s, t));
        const to = Math.min(1, Math.max(s, t));
        const xs = ax + from * (bx - ax);
        const xt = ax + to * (bx - ax);
        const left = this.#cell(Math.min(xs, xt) - marginX, 0);
        const right = this.#cell(Math.max(xs, xt) + marginX, 0);
        visit(edge, row, left, right);
        pairs += 1 + (right - left) / 8;
        if (pairs >= PAIRS_PER_STEP) {
          pairs = 0;
          yield;
        }
      }
    }
  }

  /** The column (axis 0) or row (axis 1) of a coordinate, clamped to the grid. */
  #cell(value: number, axis: 0 | 1): number {
    const cell = axis === 0 ? (value - this.x0) * this.cellsPerX : (value - this.y0) * this.cellsPerY;
    return Math.max(0, Math.min(CELLS - 1, Math.floor(cell)));
  }

  #rounding(axis: 0 | 1): number {
    return 4 * roundingMargin(Math.max(Math.abs(this.#min[axis]), Math.abs(this.#max[axis])));
  }
}

function edgesOf(corners: readonly Corner[]): RingEdges {
  const edges = new Float64Array(2 * corners.length + 2);
  for (const [k, [x, y]] of [...corners, corners[0]!].entries()) {
    edges[2 * k] = x;
    edges[2 * k + 1] = y;
  }
  return edges;
}
