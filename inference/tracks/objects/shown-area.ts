import type { Box, Vec3 } from '../../boxes/index.ts';

/**
 * The area of a box that faces the scanner, divided by the squared distance. The number of an object's points
 * is proportional to it. 0 if the scanner's place is unknown.
 */
export function shownArea({ center, size, yaw }: Box, sensor: Vec3 | null): number {
  if (sensor === null) return 0;
  const [x, y] = [center[0] - sensor[0], center[1] - sensor[1]];
  const away = Math.max(1, Math.hypot(x, y));
  const bearing = Math.atan2(y, x) - yaw;
  const wide = size[0] * Math.abs(Math.sin(bearing)) + size[1] * Math.abs(Math.cos(bearing));
  return (wide * size[2]) / (away * away);
}
