/**
 * Points in the order of the octree's cells. Many files hold points in any order; then the points of a node
 * lie all over the memory, and each look at one waits for it. Sorted once, they lie together on every level.
 */
import { Key } from '../../geometry/index.ts';
import { BuildColumns, ColumnScratch } from '../points/index.ts';
import { PLACE_BITS, type StepCube } from './cube.ts';
import { Grid } from './grid.ts';

/** With more cells, the places where their next points go would no longer fit into the processor's cache. */
const MOST_LEVELS = 3;
/** Points of a cell on average: fewer would cost more than they save. */
const POINTS_OF_A_CELL = 128;
/** So many points fit into the processor's cache in any order. */
const FEW_POINTS = 65_536;

/** Memory that is used again for other points. */
export class PlaceScratch {
  readonly sorted = new ColumnScratch();
  #places = new Uint32Array(0);

  places(points: number): Uint32Array {
    if (this.#places.length < points) this.#places = new Uint32Array(points);
    return this.#places.subarray(0, points);
  }
}

/**
 * The same points, in the memory of `scratch`; those of a cell keep their order. Few points are returned as
 * they are.
 */
export function byPlace(
  columns: BuildColumns,
  cube: StepCube,
  root: Key = Key.root,
  scratch = new PlaceScratch(),
): BuildColumns {
  const { count } = columns;
  if (count <= FEW_POINTS) return columns;
  const useful = Math.floor(Math.log2(count / POINTS_OF_A_CELL) / 3);
  const levels = Math.min(MOST_LEVELS, useful, PLACE_BITS - root.depth);
  if (levels < 1) return columns;
  const grid = new Grid(cube, root, levels, true);
  // The cell of each point first, then its place among all.
  const places = scratch.places(count);
  const next = new Uint32Array(grid.cells + 1);
  for (const { from, cells } of grid.cellsOf(columns)) {
    places.set(cells, from);
    for (let i = 0; i < cells.length; i++) next[cells[i]! + 1]! += 1;
  }
  for (let cell = 0; cell < grid.cells; cell++) next[cell + 1]! += next[cell]!;
  for (let i = 0; i < count; i++) places[i] = next[places[i]!]!++;
  const sorted = scratch.sorted.take(count, columns);
  BuildColumns.scatter(sorted, columns, places);
  return sorted;
}
