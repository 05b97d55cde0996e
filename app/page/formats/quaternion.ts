/** The yaw of a quaternion [x, y, z, w]. */

/** The turn about +z of where a rotation takes +x: pitch and roll are left out. */
export function yawOfQuaternion([x, y, z, w]: readonly [number, number, number, number]): number {
  return Math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z));
}
