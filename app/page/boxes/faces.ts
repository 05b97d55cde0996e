/** Which faces of a box a hand has placed: what an edit moved, and what a fit is to leave alone. */
import { type Box, toBoxFrame } from '../../../inference/boxes/index.ts';

export type Face = 'front' | 'rear' | 'left' | 'right' | 'top' | 'bottom' | 'yaw';

const FACES = [
  ['front', 0, 1],
  ['rear', 0, -1],
  ['left', 1, 1],
  ['right', 1, -1],
  ['top', 2, 1],
  ['bottom', 2, -1],
] as const;
/** Planes this near to each other are the same, metres and radians. */
const SAME_PLANE_TOLERANCE = 1e-6;

/** The faces whose planes an edit moved while others stayed; the heading if only that changed. */
export function placedFaces(before: Box, after: Box): Face[] {
  const isTurned = Math.abs(Math.sin((after.yaw - before.yaw) / 2)) > SAME_PLANE_TOLERANCE;
  const isResized = after.size.some((side, k) => Math.abs(side - before.size[k]!) > SAME_PLANE_TOLERANCE);
  if (isTurned) return isResized ? [] : ['yaw'];
  if (!isResized) return [];
  const shift = toBoxFrame(before, after.center);
  return FACES.filter(([, axis, side]) => {
    const moved = shift[axis]! + (side * (after.size[axis] - before.size[axis])) / 2;
    return Math.abs(moved) > SAME_PLANE_TOLERANCE;
  }).map(([name]) => name);
}
