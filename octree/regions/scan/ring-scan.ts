/**
 * The points of a node that lie in a ring on a plane: float32 and a table of cells decide for nearly all of them, and the few that are near to
 * an edge, to the eye or to a limit are tested in float64 by the caller's own test, so that the answer is exact.
 */
import type { PointColumns } from '../point-set.ts';
import type { RingGrid } from '../ring-grid.ts';
import { type Projection, projectNode } from './projection.ts';
import { integerColumns, Scanner } from './scanner.ts';

/**
 * As `PointSet.filter`, of the points that `projection` takes into the ring of `grid`; `contains` is the exact test of one point. null where
 * the points are not of a kind that can be scanned: they are for the caller to test.
 */
export function scanRing(
  points: PointColumns,
  projection: Projection,
  grid: RingGrid,
  contains: (x: number, y: number, z: number) => boolean,
  out: Int32Array,
  at: number,
  from = 0,
  to = points.count,
): number | null {
  const columns = integerColumns(points);
  const local = columns && projectNode(projection, grid, points);
  if (columns === null || local === null) return null;
  const [x, y, z] = columns;
  const [sx, sy, sz] = points.scale;
  const [ox, oy, oz] = points.offset;
  const isIn = (i: number) => contains(x[i]! * sx + ox, y[i]! * sy + oy, z[i]! * sz + oz);
  return Scanner.shared.ring(columns, local, grid, isIn, out, at, from, to);
}
