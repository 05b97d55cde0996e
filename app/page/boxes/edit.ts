/** Box edits as pure functions: move, resize by a face, turn, flip, set on the ground. Metres and radians. */
import { type Box, type Vec3, wrapAngle } from '../../../inference/boxes/index.ts';

/** 0 along the heading, 1 across it (left is positive), 2 up. */
export type Axis = 0 | 1 | 2;
export type Side = 1 | -1;

/** No edge gets shorter than this, metres. */
export const MIN_EDGE = 0.05;

/** Moved in the cloud's coordinates. */
export function moved(box: Box, by: Vec3): Box {
  const [x, y, z] = box.center;
  return { ...box, center: [x + by[0], y + by[1], z + by[2]] };
}

/** Moved in the box's own frame: along the heading, to the left of it, up. */
export function movedOwn(box: Box, by: Vec3): Box {
  return moved(box, toWorld(box.yaw, by));
}

/** An own-frame step as one in the cloud's coordinates. */
export function toWorld(yaw: number, [along, across, up]: Vec3): Vec3 {
  const cos = Math.cos(yaw);
  const sin = Math.sin(yaw);
  return [along * cos - across * sin, along * sin + across * cos, up];
}

export function turned(box: Box, by: number): Box {
  return { ...box, yaw: wrapAngle(box.yaw + by) };
}

/** Front becomes rear; the same cuboid. */
export function flipped(box: Box): Box {
  return turned(box, Math.PI);
}

/** Moves one face outwards by `by` (inwards if negative); the opposite one stays where it is. */
export function faceMoved(box: Box, axis: Axis, side: Side, by: number): Box {
  const length = Math.max(MIN_EDGE, box.size[axis] + by);
  const shift = ((length - box.size[axis]) / 2) * side;
  const size = replaced(box.size, axis, length);
  return movedOwn({ ...box, size }, replaced([0, 0, 0], axis, shift));
}

/** Puts one face at a place, given in the box's own frame from its centre. */
export function faceAt(box: Box, axis: Axis, side: Side, place: number): Box {
  return faceMoved(box, axis, side, place * side - box.size[axis] / 2);
}

/**
 * Another size: the middle of the bottom face stays, so that what stands on the ground keeps standing there.
 */
export function resized(box: Box, size: Vec3): Box {
  const checked = size.map((length) => Math.max(MIN_EDGE, length)) as unknown as Vec3;
  return { ...box, size: checked, center: [box.center[0], box.center[1], bottom(box) + checked[2] / 2] };
}

export function bottom(box: Box): number {
  return box.center[2] - box.size[2] / 2;
}

/**
 * Stands on a height: the bottom face goes there and the top stays, or with `keepSize` the whole box moves.
 */
export function standing(box: Box, ground: number, keepSize: boolean): Box {
  const by = ground - bottom(box);
  // A box that would lose nearly all of its height was not standing there: it is moved.
  if (keepSize || by > box.size[2] - 3 * MIN_EDGE) return moved(box, [0, 0, by]);
  return faceMoved(box, 2, -1, -by);
}

function replaced(values: Vec3, axis: Axis, value: number): Vec3 {
  return values.map((old, index) => (index === axis ? value : old)) as unknown as Vec3;
}
