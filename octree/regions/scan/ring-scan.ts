/**
 * The points of a node that lie in a ring on a plane. float32 and a table of cells decide for nearly all of
 * them; the few near an edge, the eye or a limit are tested in float64 by the caller's exact test.
 */
import type { NodeColumns } from '../point-set.ts';
import type { RingGrid } from '../ring-grid.ts';
import { type Projection, projectNode } from './projection.ts';
import { integerColumns, Scanner } from './scanner.ts';

/**
 * Like `PointSet.filter`, for the points that `projection` takes into the ring of `grid`; `contains` is the
 * exact test of one point. null if these points cannot be scanned; the caller then tests them.
 */
export function scanRing(
  points: NodeColumns,
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
