/** A ring for many points: most are decided by the cell of a grid that they lie in, the rest by the few edges at their height. */

import { roundingMargin } from '../geometry/index.ts';
import type { ClosedRing, Corner } from './corner.ts';

/** Cells along each axis. */
export const CELLS = 256;

/** Cells between the ring and the grid's border: what lies beside the grid can be looked for in the cells of the border. */
const BORDER_CELLS = 1.25;
/** Of a ring that is a line, so that no cell is at infinity. */
const LEAST_WIDTH = 1e-200;
/** The most, in cells, that a place may be off when its cell is looked up; edges count for cells that are as near as twice that. */
export const MAX_PLACE_ERROR = 1 / 32;
const CELL_MARGIN = 2 * MAX_PLACE_ERROR;

export const OUTSIDE = 0;
export const INSIDE = 1;
/** The ring passes through the cell, or nearly. The lowest bit tells what may be inside. */
export const MIXED = 3;

export class RingGrid {
  /** The grid's least corner. */
  readonly x0: number;
  readonly y0: number;
  readonly cellsPerX: number;
  readonly cellsPerY: number;
  /** Row by row: OUTSIDE, INSIDE or MIXED. */
  readonly cells = new Uint8Array(CELLS * CELLS);
  /** False where the ring is so narrow, for coordinates so large, that rounding carries it into the cells of the border. Else those are OUTSIDE. */
  readonly hasClearBorder: boolean;
  readonly #min: Corner;
  readonly #max: Corner;
  /** The edges that reach into each row, four numbers each: those of row j from `rowStarts[j]` to `rowStarts[j + 1]`. */
  readonly #edges: Float64Array<ArrayBuffer>;
  readonly #rowStarts = new Uint32Array(CELLS + 1);

  constructor(ring: ClosedRing) {
    const { min, max } = ring;
    this.#min = min;
    this.#max = max;
    this.cellsPerX = (CELLS - 2 * BORDER_CELLS) / Math.max(max[0] - min[0], LEAST_WIDTH);
    this.cellsPerY = (CELLS - 2 * BORDER_CELLS) / Math.max(max[1] - min[1], LEAST_WIDTH);
    this.x0 = min[0] - BORDER_CELLS / this.cellsPerX;
    this.y0 = min[1] - BORDER_CELLS / this.cellsPerY;
    this.hasClearBorder =
      this.#margin(0) * this.cellsPerX < BORDER_CELLS - 1 &&
      this.#margin(1) * this.cellsPerY < BORDER_CELLS - 1;
    this.#edges = this.#sortEdges(ring.corners);
    this.#classify(ring);
  }

  /** False only if the point, which must lie in the rectangle around the ring, is not in the ring. A look at a table. */
  mayContain(x: number, y: number): boolean {
    return this.cells[this.#cellOf(x, y)] !== OUTSIDE;
  }

  /** As `Ring.contains`. */
  contains(x: number, y: number): boolean {
    const isNear = x >= this.#min[0] && x <= this.#max[0] && y >= this.#min[1] && y <= this.#max[1];
    return isNear && this.containsNear(x, y);
  }

  /** The same for a point in the rectangle around the ring. */
  containsNear(x: number, y: number): boolean {
    const at = this.#cellOf(x, y);
    const cell = this.cells[at]!;
    return cell === INSIDE || (cell === MIXED && this.#containsInRow(x, y, Math.floor(at / CELLS)));
  }

  /** By the edges of a row, and the same arithmetic as in Ring: those that do not reach into the row would not count there either. */
  #containsInRow(x: number, y: number, row: number): boolean {
    const edges = this.#edges;
    const end = this.#rowStarts[row + 1]!;
    let inside = false;
    for (let at = this.#rowStarts[row]!; at < end; at += 4) {
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
    }
    return inside;
  }

  #cellOf(x: number, y: number): number {
    return (((y - this.y0) * this.cellsPerY) | 0) * CELLS + (((x - this.x0) * this.cellsPerX) | 0);
  }

  #sortEdges(corners: readonly Corner[]): Float64Array<ArrayBuffer> {
    const margin = this.#margin(1);
    const firsts = new Uint8Array(corners.length);
    const lasts = new Uint8Array(corners.length);
    const starts = this.#rowStarts;
    let ay = corners[corners.length - 1]![1];
    for (const [k, [, by]] of corners.entries()) {
      const first = this.#cell(Math.min(ay, by) - margin, 1);
      const last = this.#cell(Math.max(ay, by) + margin, 1);
      firsts[k] = first;
      lasts[k] = last;
      for (let row = first; row <= last; row++) starts[row + 1]! += 4;
      ay = by;
    }
    for (let row = 0; row < CELLS; row++) starts[row + 1]! += starts[row]!;
    const edges = new Float64Array(starts[CELLS]!);
    const ends = starts.slice();
    let a = corners[corners.length - 1]!;
    for (const [k, b] of corners.entries()) {
      for (let row = firsts[k]!; row <= lasts[k]!; row++) {
        const at = ends[row]!;
        edges[at] = a[0];
        edges[at + 1] = a[1];
        edges[at + 2] = b[0];
        edges[at + 3] = b[1];
        ends[row] = at + 4;
      }
      a = b;
    }
    return edges;
  }

  #classify({ corners }: ClosedRing): void {
    const [marginX, marginY] = [this.#margin(0), this.#margin(1)];
    const halfX = 0.5 / this.cellsPerX + marginX;
    const halfY = 0.5 / this.cellsPerY + marginY;
    let [ax, ay] = corners[corners.length - 1]!;
    for (const [bx, by] of corners) {
      const [dx, dy] = [bx - ax, by - ay];
      const left = this.#cell(Math.min(ax, bx) - marginX, 0);
      const right = this.#cell(Math.max(ax, bx) + marginX, 0);
      const low = this.#cell(Math.min(ay, by) - marginY, 1);
      const high = this.#cell(Math.max(ay, by) + marginY, 1);
      // How far a cell's middle may be from the line while the line still touches the cell, as a cross product.
      const reach = (Math.abs(dx) * halfY + Math.abs(dy) * halfX) * (1 + 1e-9);
      for (let row = low; row <= high; row++) {
        const up = dx * (this.#middle(row, 1) - ay);
        for (let column = left; column <= right; column++) {
          if (Math.abs(up - dy * (this.#middle(column, 0) - ax)) <= reach)
            this.cells[row * CELLS + column] = MIXED;
        }
      }
      ax = bx;
      ay = by;
    }
    // Neighbours that the ring does not pass are on the same side of it.
    for (let row = 0; row < CELLS; row++) {
      let side = MIXED;
      for (let column = 0; column < CELLS; column++) {
        const at = row * CELLS + column;
        if (this.cells[at] === MIXED) side = MIXED;
        else {
          if (side === MIXED) side = this.#sideOf(column, row);
          this.cells[at] = side;
        }
      }
    }
  }

  /** Of a cell that the ring does not pass through. */
  #sideOf(column: number, row: number): number {
    return this.#containsInRow(this.#middle(column, 0), this.#middle(row, 1), row) ? INSIDE : OUTSIDE;
  }

  /** The middle of a column (axis 0) or of a row (axis 1). */
  #middle(cell: number, axis: 0 | 1): number {
    return axis === 0 ? this.x0 + (cell + 0.5) / this.cellsPerX : this.y0 + (cell + 0.5) / this.cellsPerY;
  }

  /** The column or the row of a place; that at the border for one beyond it. */
  #cell(value: number, axis: 0 | 1): number {
    const cell = axis === 0 ? (value - this.x0) * this.cellsPerX : (value - this.y0) * this.cellsPerY;
    return Math.max(0, Math.min(CELLS - 1, Math.floor(cell)));
  }

  /** More than what is lost when a point's cell is found: a part of a cell, and what the coordinates themselves lose. */
  #margin(axis: 0 | 1): number {
    const cell = 1 / (axis === 0 ? this.cellsPerX : this.cellsPerY);
    const far = Math.max(Math.abs(this.#min[axis]), Math.abs(this.#max[axis]));
    return cell * CELL_MARGIN + 4 * roundingMargin(far);
  }
}
