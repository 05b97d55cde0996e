/** Between a yaw and a quaternion [x, y, z, w]. */

export function quaternionOfYaw(yaw: number): [number, number, number, number] {
  return [0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2)];
}

/** The turn about +z of where a rotation takes +x: pitch and roll are left out. */
export function yawOfQuaternion([x, y, z, w]: readonly [number, number, number, number]): number {
  return Math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z));
}
