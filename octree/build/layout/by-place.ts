/**
 * Points in the order of the octree's cells. Many files hold points in any order; then the points of a node
 * lie all over the memory, and each look at one waits for it. Sorted once, they lie together on every level.
 */
import { Key } from '../../geometry/index.ts';
import { BuildColumns } from '../points/index.ts';
import { PLACE_BITS, type StepCube } from './cube.ts';
import { Grid } from './grid.ts';

/** With more cells, the places where their next points go would no longer fit into the processor's cache. */
const MOST_LEVELS = 4;
/** Points of a cell on average: fewer would cost more than they save. */
const POINTS_OF_A_CELL = 128;
/** So many points fit into the processor's cache in any order. */
const FEW_POINTS = 65_536;

/** The same points; those of a cell keep their order. Few points are returned as they are. */
export function byPlace(columns: BuildColumns, cube: StepCube, root: Key = Key.root): BuildColumns {
  const { count } = columns;
  if (count <= FEW_POINTS) return columns;
  const useful = Math.floor(Math.log2(count / POINTS_OF_A_CELL) / 3);
  const levels = Math.min(MOST_LEVELS, useful, PLACE_BITS - root.depth);
  if (levels < 1) return columns;
  const grid = new Grid(cube, root, levels);
  const cells = new Uint16Array(count);
  const next = new Uint32Array(grid.cells + 1);
  for (let i = 0; i < count; i++) {
    const cell = grid.cellOf(columns, i);
    cells[i] = cell;
    next[cell + 1]! += 1;
  }
  for (let cell = 0; cell < grid.cells; cell++) next[cell + 1]! += next[cell]!;
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[next[cells[i]!]!++] = i;
  return BuildColumns.take(columns, order);
}
