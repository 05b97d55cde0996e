/**
 * Rigid motions of points and boxes: between a sensor's frame and the world, and between the frames of a
 * sequence.
 */
import { type Box, type Vec3, wrapAngle } from './box.ts';

/** A rotation as a unit quaternion: x, y, z, w. */
export type Quaternion = readonly [number, number, number, number];

/** A rigid motion: a point p goes to rotation * p + position. */
export interface Pose {
  readonly position: Vec3;
  readonly rotation: Quaternion;
}

export const IDENTITY_POSE: Pose = { position: [0, 0, 0], rotation: [0, 0, 0, 1] };

/** The rotation by `yaw` about +z: x, y, z, w. */
export function yawQuaternion(yaw: number): Quaternion {
  return [0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2)];
}

/** Yaw of the rotated x axis, radians in (-pi, pi]. */
export function quaternionYaw(rotation: Quaternion): number {
  const [x, y] = rotate(rotation, [1, 0, 0]);
  return wrapAngle(Math.atan2(y, x));
}

/** The rotated vector. The quaternion is normalised first. */
export function rotate(rotation: Quaternion, vector: Vec3): Vec3 {
  const norm = Math.hypot(...rotation) || 1;
  const [x, y, z, w] = [rotation[0] / norm, rotation[1] / norm, rotation[2] / norm, rotation[3] / norm];
  // v + 2 q x (q x v + w v)
  const tx = 2 * (y * vector[2] - z * vector[1]);
  const ty = 2 * (z * vector[0] - x * vector[2]);
  const tz = 2 * (x * vector[1] - y * vector[0]);
  return [
    vector[0] + w * tx + y * tz - z * ty,
    vector[1] + w * ty + z * tx - x * tz,
    vector[2] + w * tz + x * ty - y * tx,
  ];
}

/** rotation * point + position. */
export function transformPoint(pose: Pose, point: Vec3): Vec3 {
  const turned = rotate(pose.rotation, point);
  return [turned[0] + pose.position[0], turned[1] + pose.position[1], turned[2] + pose.position[2]];
}

/**
 * The box after the motion. It stays upright and keeps its size; only the turn of its heading, seen from
 * above, is used of the rotation. That is exact for turns about +z, and right to second order for the small
 * pitch and roll of a vehicle.
 */
export function transformBox(pose: Pose, box: Box): Box {
  const heading = rotate(pose.rotation, [Math.cos(box.yaw), Math.sin(box.yaw), 0]);
  return {
    center: transformPoint(pose, box.center),
    size: box.size,
    yaw: wrapAngle(Math.atan2(heading[1], heading[0])),
  };
}

/** The inverse motion. */
export function inversePose(pose: Pose): Pose {
  const [x, y, z, w] = pose.rotation;
  const squared = x * x + y * y + z * z + w * w || 1;
  const rotation: Quaternion = [-x / squared, -y / squared, -z / squared, w / squared];
  const back = rotate(rotation, pose.position);
  return { position: [-back[0], -back[1], -back[2]], rotation };
}
