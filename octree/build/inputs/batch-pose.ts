/** Moves points by a pose. */
import type { Vec3 } from '../../geometry/index.ts';
import type { PointBatch } from './point-input.ts';

/**
 * Rotation as a unit quaternion x, y, z, w, then translation: world = R * p + position. The same form as in
 * /v1/tracks.
 */
export interface BuildPose {
  readonly position: Vec3;
  readonly rotation: readonly [number, number, number, number];
}

/** Transforms the points of a batch in place. */
export function applyPose({ position, rotation }: BuildPose, batch: PointBatch): void {
  const [qx, qy, qz, qw] = rotation;
  const xx = 1 - 2 * (qy * qy + qz * qz);
  const xy = 2 * (qx * qy - qz * qw);
  const xz = 2 * (qx * qz + qy * qw);
  const yx = 2 * (qx * qy + qz * qw);
  const yy = 1 - 2 * (qx * qx + qz * qz);
  const yz = 2 * (qy * qz - qx * qw);
  const zx = 2 * (qx * qz - qy * qw);
  const zy = 2 * (qy * qz + qx * qw);
  const zz = 1 - 2 * (qx * qx + qy * qy);
  for (let i = 0; i < batch.count; i++) {
    const x = batch.x[i]!;
    const y = batch.y[i]!;
    const z = batch.z[i]!;
    batch.x[i] = xx * x + xy * y + xz * z + position[0];
    batch.y[i] = yx * x + yy * y + yz * z + position[1];
    batch.z[i] = zx * x + zy * y + zz * z + position[2];
  }
}
