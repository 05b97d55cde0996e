/**
 * Heights of the ground from the points that are loaded: the lowest points of each cell of a grid, as far as
 * the ground rises no more steeply than a ramp from a cell to its neighbours.
 */
import type { Bounds } from '../../../octree/geometry/index.ts';
import type { LoadedNode } from '../cloud/index.ts';

export interface GroundGrid {
  /** The corner with the least x and y; metres. */
  readonly x: number;
  readonly y: number;
  /** Side of a cell, metres. */
  readonly cell: number;
  readonly columns: number;
  readonly rows: number;
  /** z of each cell, row by row along x. Cells without ground are `NO_GROUND`. */
  readonly heights: Float32Array<ArrayBuffer>;
}

const NO_GROUND = -1e6;
const FINEST_CELL_METRES = 1;
const MOST_CELLS = 512;
/** Rise of the ground from cell to cell, metres a metre. */
const STEEPEST_SLOPE = 0.15;
/** A lowest point this far below the next ones of its cell is a stray, metres. */
const STRAY_GAP_METRES = 0.3;

/** @param bounds those of the cloud */
export function groundGrid(nodes: Iterable<LoadedNode>, { min, max }: Bounds): GroundGrid {
  const cell = Math.max(FINEST_CELL_METRES, Math.max(max[0] - min[0], max[1] - min[1]) / MOST_CELLS);
  const columns = Math.max(1, Math.ceil((max[0] - min[0]) / cell));
  const rows = Math.max(1, Math.ceil((max[1] - min[1]) / cell));
  const [lowest, second] = [0, 1].map(() => new Float32Array(columns * rows).fill(Infinity)) as [
    Float32Array<ArrayBuffer>,
    Float32Array<ArrayBuffer>,
  ];
  for (const { payload } of nodes) {
    const { data, step, origin, count } = payload;
    for (let i = 0; i < 4 * count; i += 4) {
      const column = Math.floor((origin[0] + data[i]! * step[0] - min[0]) / cell);
      const row = Math.floor((origin[1] + data[i + 1]! * step[1] - min[1]) / cell);
      const z = origin[2] + data[i + 2]! * step[2];
      const at = Math.min(rows - 1, Math.max(0, row)) * columns + Math.min(columns - 1, Math.max(0, column));
      if (z < lowest[at]!) {
        second[at] = lowest[at]!;
        lowest[at] = z;
      } else if (z < second[at]!) second[at] = z;
    }
  }
  for (let at = 0; at < lowest.length; at++)
    if (second[at]! - lowest[at]! > STRAY_GAP_METRES && second[at] !== Infinity) lowest[at] = second[at]!;
  withoutSteps(lowest, columns, rows, STEEPEST_SLOPE * cell);
  for (let at = 0; at < lowest.length; at++) if (lowest[at] === Infinity) lowest[at] = NO_GROUND;
  return { x: min[0], y: min[1], cell, columns, rows, heights: lowest };
}

/** No cell is higher than a neighbour by more than `rise`: two sweeps over the grid and back. */
function withoutSteps(heights: Float32Array, columns: number, rows: number, rise: number): void {
  const lower = (at: number, by: number) => {
    if (heights[by]! + rise < heights[at]!) heights[at] = heights[by]! + rise;
  };
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column;
      if (column > 0) lower(at, at - 1);
      if (row > 0) lower(at, at - columns);
    }
  for (let row = rows - 1; row >= 0; row--)
    for (let column = columns - 1; column >= 0; column--) {
      const at = row * columns + column;
      if (column < columns - 1) lower(at, at + 1);
      if (row < rows - 1) lower(at, at + columns);
    }
}

/** z of the ground at a place; far below everything where none is known. */
export function groundUnder({ x, y, cell, columns, rows, heights }: GroundGrid, px: number, py: number) {
  const column = Math.floor((px - x) / cell);
  const row = Math.floor((py - y) / cell);
  const isInside = column >= 0 && row >= 0 && column < columns && row < rows;
  return isInside ? heights[row * columns + column]! : NO_GROUND;
}
