/**
 * Spheres and cuboids for the scanner. The test is that of region-sphere.ts and region-cuboid.ts, with the
 * same float64 operations.
 */

import type { NodeColumns } from '../point-set.ts';
import { integerColumns, Scanner } from './scanner.ts';
import type { Solid } from './solid-shape.ts';

/** Like `PointSet.filter`; null if the coordinates are not integers. The caller then tests the points. */
export function scanSolid(
  points: NodeColumns,
  solid: Solid,
  out: Int32Array,
  at: number,
  from = 0,
  to = points.count,
): number | null {
  const columns = integerColumns(points);
  return columns && Scanner.shared.solid(columns, points, solid, out, at, from, to);
}
