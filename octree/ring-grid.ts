/** A ring for many points: most are decided by the cell of a grid that they lie in, the rest by the few edges at their height. */

import type { Corner, Ring } from './ring.ts';
import { roundingMargin } from './rounding.ts';

/** Cells along each axis. */
const CELLS = 128;

/** So that the ring's far border lies in the last cell, and not behind it. */
const ALMOST_CELLS = CELLS * (1 - 1e-9);
/** Of a ring that is a line, so that no cell is at infinity. */
const LEAST_WIDTH = 1e-200;

const OUTSIDE = 0;
const INSIDE = 1;
/** The ring passes through the cell. */
const MIXED = 2;

export class RingGrid {
  readonly #min: Corner;
  readonly #max: Corner;
  readonly #x0: number;
  readonly #y0: number;
  readonly #cellsPerX: number;
  readonly #cellsPerY: number;
  /** Row by row. */
  readonly #cells = new Uint8Array(CELLS * CELLS);
  /** The edges that reach into each row, four numbers each: those of row j from `rowStarts[j]` to `rowStarts[j + 1]`. */
  readonly #edges: Float64Array;
  readonly #rowStarts = new Uint32Array(CELLS + 1);

  constructor(ring: Ring) {
    const { min, max } = ring;
    this.#min = min;
    this.#max = max;
    [this.#x0, this.#y0] = min;
    this.#cellsPerX = ALMOST_CELLS / Math.max(max[0] - min[0], LEAST_WIDTH);
    this.#cellsPerY = ALMOST_CELLS / Math.max(max[1] - min[1], LEAST_WIDTH);
    this.#edges = this.#sortEdges(ring.corners);
    this.#classify(ring);
  }

  /** False only if the point, which must lie in the rectangle around the ring, is not in the ring. A look at a table. */
  mayContain(x: number, y: number): boolean {
    return this.#cells[this.#cellOf(x, y)] !== OUTSIDE;
  }

  /** As `Ring.contains`. */
  contains(x: number, y: number): boolean {
    const isNear = x >= this.#min[0] && x <= this.#max[0] && y >= this.#min[1] && y <= this.#max[1];
    return isNear && this.containsNear(x, y);
  }

  /** The same for a point in the rectangle around the ring. */
  containsNear(x: number, y: number): boolean {
    const at = this.#cellOf(x, y);
    const cell = this.#cells[at]!;
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
    return (((y - this.#y0) * this.#cellsPerY) | 0) * CELLS + (((x - this.#x0) * this.#cellsPerX) | 0);
  }

  #sortEdges(corners: readonly Corner[]): Float64Array {
    const rows: number[][] = Array.from({ length: CELLS }, () => []);
    const margin = this.#margin(1);
    let [ax, ay] = corners[corners.length - 1]!;
    for (const [bx, by] of corners) {
      const [first, last] = this.#span(Math.min(ay, by), Math.max(ay, by), 1, margin);
      for (let row = first; row <= last; row++) rows[row]!.push(ax, ay, bx, by);
      ax = bx;
      ay = by;
    }
    for (let row = 0; row < CELLS; row++)
      this.#rowStarts[row + 1] = this.#rowStarts[row]! + rows[row]!.length;
    return Float64Array.from(rows.flat());
  }

  #classify(ring: Ring): void {
    const [marginX, marginY] = [this.#margin(0), this.#margin(1)];
    const halfX = 0.5 / this.#cellsPerX + marginX;
    const halfY = 0.5 / this.#cellsPerY + marginY;
    const { corners } = ring;
    let [ax, ay] = corners[corners.length - 1]!;
    for (const [bx, by] of corners) {
      const [dx, dy] = [bx - ax, by - ay];
      const [left, right] = this.#span(Math.min(ax, bx), Math.max(ax, bx), 0, marginX);
      const [low, high] = this.#span(Math.min(ay, by), Math.max(ay, by), 1, marginY);
      // How far a cell's middle may be from the line while the line still touches the cell, as a cross product.
      const reach = Math.abs(dx) * halfY + Math.abs(dy) * halfX;
      for (let row = low; row <= high; row++) {
        for (let column = left; column <= right; column++) {
          const [x, y] = this.#middle(column, row);
          if (Math.abs(dx * (y - ay) - dy * (x - ax)) <= reach * (1 + 1e-9))
            this.#cells[row * CELLS + column] = MIXED;
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
        if (this.#cells[at] === MIXED) side = MIXED;
        else {
          if (side === MIXED) side = ring.contains(...this.#middle(column, row)) ? INSIDE : OUTSIDE;
          this.#cells[at] = side;
        }
      }
    }
  }

  #middle(column: number, row: number): Corner {
    return [this.#min[0] + (column + 0.5) / this.#cellsPerX, this.#min[1] + (row + 0.5) / this.#cellsPerY];
  }

  /** The first and the last cell that a stretch along an axis may touch. */
  #span(low: number, high: number, axis: 0 | 1, margin: number): readonly [number, number] {
    const perMetre = axis === 0 ? this.#cellsPerX : this.#cellsPerY;
    const cell = (value: number) => Math.floor((value - this.#min[axis]) * perMetre);
    const clamp = (index: number) => Math.max(0, Math.min(CELLS - 1, index));
    return [clamp(cell(low - margin)), clamp(cell(high + margin))];
  }

  /** More than what rounding takes when a point's cell is found: a part of a cell, and what the coordinates themselves lose. */
  #margin(axis: 0 | 1): number {
    const cell = 1 / (axis === 0 ? this.#cellsPerX : this.#cellsPerY);
    const far = Math.max(Math.abs(this.#min[axis]), Math.abs(this.#max[axis]));
    return cell * 1e-6 + 4 * roundingMargin(far);
  }
}
