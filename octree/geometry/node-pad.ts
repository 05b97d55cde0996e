/** How far outside of its node's cube a point may lie. */
import type { Bounds, Vec3 } from './bounds.ts';
import { roundingMargin } from './rounding.ts';

/** One scale step on each axis, and what float64 loses at the cloud's far end. */
export function stepPad(scale: Vec3, { min, max }: Bounds): Vec3 {
  const pad = (axis: 0 | 1 | 2) =>
    scale[axis] + roundingMargin(Math.max(Math.abs(min[axis]), Math.abs(max[axis])));
  return [pad(0), pad(1), pad(2)];
}
