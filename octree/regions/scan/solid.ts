/** Spheres and cuboids for the scanner: it makes the very test of region-sphere.ts and region-cuboid.ts, in the same float64 operations. */

import type { PointColumns } from '../point-set.ts';
import { integerColumns, Scanner } from './scanner.ts';
import type { Solid } from './solid-shape.ts';

/** As `PointSet.filter`; null where the points are not integers: those are for the caller to test. */
export function scanSolid(
  points: PointColumns,
  solid: Solid,
  out: Int32Array,
  at: number,
  from = 0,
  to = points.count,
): number | null {
  const columns = integerColumns(points);
  return columns && Scanner.shared.solid(columns, points, solid, out, at, from, to);
}
