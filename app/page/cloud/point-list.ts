/** Points as numbers: small offsets from a float64 origin, so that UTM coordinates lose nothing. */
import type { Vec3 } from '../../../inference/boxes/index.ts';

export interface PointList {
  /** In the cloud's coordinates. */
  readonly origin: Vec3;
  /** x, y, z from the origin, interleaved, metres. */
  readonly xyz: Float32Array;
}

export function pointList(origin: Vec3, points: readonly Vec3[]): PointList {
  const xyz = new Float32Array(points.length * 3);
  for (const [i, [x, y, z]] of points.entries())
    xyz.set([x - origin[0], y - origin[1], z - origin[2]], 3 * i);
  return { origin, xyz };
}
