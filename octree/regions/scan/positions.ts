/** Copying points out of a node, as float32 around an origin. */
import type { Vec3 } from '../../geometry/index.ts';
import type { PointColumns } from '../point-set.ts';
import { integerColumns, Scanner } from './scanner.ts';

/**
 * Writes x, y, z minus `origin` (subtracted in float64) of the chosen points (their numbers in order; null: of all from `from` to `to - 1`) to `out`, from `at` on. False,
 * and nothing is written, where the points are not integers.
 */
export function copyAround(
  points: PointColumns,
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
