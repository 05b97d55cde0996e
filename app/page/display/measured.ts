/** The distance between two places that were clicked. */
import type { Vec3 } from '../../../inference/boxes/index.ts';

/** `12.34 m · 12.30 m level · 0.95 m up`: in space, on the level, and in height. */
export function measuredText([from, to]: readonly Vec3[]): string {
  if (from === undefined || to === undefined) return '';
  const [dx, dy, dz] = [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
  const up = `${Math.abs(dz).toFixed(2)} m ${dz < 0 ? 'down' : 'up'}`;
  return `${Math.hypot(dx, dy, dz).toFixed(2)} m · ${Math.hypot(dx, dy).toFixed(2)} m level · ${up}`;
}
