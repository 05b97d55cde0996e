/** How far points may lie outside of the cube of their node. */
import type { Bounds, Vec3 } from './bounds.ts';
import { roundingMargin } from './rounding.ts';

/** One scale step on each axis, plus the float64 rounding error at the far end of the cloud. */
export function stepPad(scale: Vec3, { min, max }: Bounds): Vec3 {
  const pad = (axis: 0 | 1 | 2) =>
    scale[axis] + roundingMargin(Math.max(Math.abs(min[axis]), Math.abs(max[axis])));
  return [pad(0), pad(1), pad(2)];
}
