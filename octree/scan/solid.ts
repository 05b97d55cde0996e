/** Spheres and cuboids for the scanner: it makes the very test of region-sphere.ts and region-cuboid.ts, in the same float64 operations. */
import type { Vec3 } from '../bounds.ts';
import type { PointColumns } from '../region.ts';
import { integerColumns, Scanner } from './scanner.ts';

export type Solid =
  | { readonly kind: 'sphere'; readonly center: Vec3; readonly numbers: readonly [squaredRadius: number] }
  | {
      readonly kind: 'cuboid';
      readonly center: Vec3;
      readonly numbers: readonly [cos: number, sin: number, ...half: Vec3];
    };

/** As `PointSet.filter`; null where the points are not integers: those are for the caller to test. */
export function scanSolid(points: PointColumns, solid: Solid, out: Int32Array, at: number): number | null {
  const columns = integerColumns(points);
  return columns && Scanner.shared.solid(columns, points, solid, out, at);
}
