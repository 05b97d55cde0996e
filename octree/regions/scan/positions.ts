/** Copying points out of a node, as float32 around an origin. */
import type { Vec3 } from '../../geometry/index.ts';
import type { NodeColumns } from '../point-set.ts';
import { integerColumns, Scanner } from './scanner.ts';

/**
 * Writes x, y, z minus `origin` (subtracted in float64) of points to `out`, from `at` on: of those with the
 * ascending numbers `chosen`, or if that is null of the points `from` to `to - 1`. Returns false and writes
 * nothing if the coordinates are not integers.
 */
export function copyAround(
  points: NodeColumns,
  chosen: Int32Array | null,
  origin: Vec3,
  out: Float32Array,
  at: number,
  from = 0,
  to = points.count,
): boolean {
  const columns = integerColumns(points);
  if (columns === null) return false;
  Scanner.shared.copy(columns, points, chosen, origin, out, at, from, to);
  return true;
}
