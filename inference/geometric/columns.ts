/**
 * The obstacles seen from above, one entry per occupied cell, so that dense and sparse points count alike.
 */
import type { Vec2 } from '../boxes/index.ts';
import type { Obstacles } from './scene.ts';

/** Side of a cell, metres: about the spacing of a 64-beam scanner's points at 30 m. */
export const CELL = 0.1;

/** Height of one of the 31 levels into which heights over the ground are divided, metres. */
export const LEVEL = 0.15;

/**
 * Occupied cells of a square grid. Entry k: the mean x, y of its points, the greatest height over the ground
 * (metres), and the levels that hold points (one bit each, the lowest first).
 */
export interface Columns {
  readonly count: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly top: Float64Array;
  readonly levels: Int32Array;
  /** For each cell of the grid, row by row: its entry, or -1. */
  readonly grid: Int32Array;
  readonly side: number;
  readonly west: number;
  readonly south: number;
}

/**
 * The columns of the points within `reach` metres of a place (a square) and not higher than `height` over the
 * ground, for which `keep` holds.
 */
export function columnsAround(
  points: Obstacles,
  place: Vec2,
  reach: number,
  height: number,
  keep: (index: number) => boolean = () => true,
): Columns {
  const side = Math.ceil((2 * reach) / CELL) + 1;
  const west = place[0] - reach;
  const south = place[1] - reach;
  const grid = new Int32Array(side * side).fill(-1);
  const x = new Float64Array(points.count);
  const y = new Float64Array(points.count);
  const top = new Float64Array(points.count);
  const levels = new Int32Array(points.count);
  const members = new Float64Array(points.count);
  let count = 0;
  for (let i = 0; i < points.count; i++) {
    if (points.height[i]! > height) continue;
    const column = Math.floor((points.x[i]! - west) / CELL);
    const row = Math.floor((points.y[i]! - south) / CELL);
    if (column < 0 || row < 0 || column >= side || row >= side || !keep(i)) continue;
    const cell = row * side + column;
    let k = grid[cell]!;
    if (k < 0) {
      k = count++;
      grid[cell] = k;
      top[k] = points.height[i]!;
    }
    x[k] = x[k]! + points.x[i]!;
    y[k] = y[k]! + points.y[i]!;
    members[k] = members[k]! + 1;
    levels[k] = levels[k]! | (1 << Math.min(30, Math.floor(points.height[i]! / LEVEL)));
    if (points.height[i]! > top[k]!) top[k] = points.height[i]!;
  }
  for (let k = 0; k < count; k++) {
    x[k] = x[k]! / members[k]!;
    y[k] = y[k]! / members[k]!;
  }
  return {
    count,
    x: x.subarray(0, count),
    y: y.subarray(0, count),
    top: top.subarray(0, count),
    levels: levels.subarray(0, count),
    grid,
    side,
    west,
    south,
  };
}

/** The entry of the column that holds x, y; -1 if there is none. */
export function columnAt(columns: Columns, x: number, y: number): number {
  const column = Math.floor((x - columns.west) / CELL);
  const row = Math.floor((y - columns.south) / CELL);
  if (column < 0 || row < 0 || column >= columns.side || row >= columns.side) return -1;
  return columns.grid[row * columns.side + column]!;
}
