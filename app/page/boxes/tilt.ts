/**
 * Pitch and roll of a box, where a project wants them. The network and the fits know yaw alone; a tilt is set
 * by hand or comes from a file.
 */
import { type Box, corners, toBoxFrame, type Vec3 } from '../../../inference/boxes/index.ts';
import type { Tilt } from '../model/index.ts';

/** Angles below this are those of rounding, radians. */
const LEAST_TILT_RADIANS = 1e-4;

/** A place in the axes of the box's yaw, turned by roll and then by pitch: Ry(pitch) Rx(roll). */
function tilted([x, y, z]: readonly number[], { pitch, roll }: Tilt): Vec3 {
  const [cp, sp, cr, sr] = [Math.cos(pitch), Math.sin(pitch), Math.cos(roll), Math.sin(roll)];
  const [ry, rz] = [cr * y! - sr * z!, sr * y! + cr * z!];
  return [cp * x! + sp * rz, ry, cp * rz - sp * x!];
}

/** A place of the upright box, in the cloud's coordinates, where the tilt takes it. */
export function withTilt(box: Box, tilt: Tilt | undefined, place: Vec3): Vec3 {
  if (tilt === undefined) return place;
  const [x, y, z] = tilted(toBoxFrame(box, place), tilt);
  const [cos, sin] = [Math.cos(box.yaw), Math.sin(box.yaw)];
  const [cx, cy, cz] = box.center;
  return [cx + cos * x - sin * y, cy + sin * x + cos * y, cz + z];
}

/** The eight corners, in the order of `corners`. */
export function tiltedCorners(box: Box, tilt: Tilt | undefined): Vec3[] {
  return corners(box).map((corner) => withTilt(box, tilt, corner));
}

/** [x, y, z, w] of Rz(yaw) Ry(pitch) Rx(roll). */
export function quaternionOf(yaw: number, { pitch, roll }: Tilt = { pitch: 0, roll: 0 }): readonly number[] {
  const [cy, sy] = [Math.cos(yaw / 2), Math.sin(yaw / 2)];
  const [cp, sp] = [Math.cos(pitch / 2), Math.sin(pitch / 2)];
  const [cr, sr] = [Math.cos(roll / 2), Math.sin(roll / 2)];
  return [
    cy * cp * sr - sy * sp * cr,
    cy * sp * cr + sy * cp * sr,
    sy * cp * cr - cy * sp * sr,
    cy * cp * cr + sy * sp * sr,
  ];
}

/** Pitch and roll of a quaternion [x, y, z, w]; undefined if it is upright. */
export function tiltOfQuaternion([x, y, z, w]: readonly [number, number, number, number]): Tilt | undefined {
  const pitch = Math.asin(Math.max(-1, Math.min(1, 2 * (w * y - z * x))));
  const roll = Math.atan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y));
  return knownTilt({ pitch, roll });
}

/** undefined if there is no tilt to speak of. */
export function knownTilt(tilt: Tilt): Tilt | undefined {
  return Math.max(Math.abs(tilt.pitch), Math.abs(tilt.roll)) < LEAST_TILT_RADIANS ? undefined : tilt;
}
