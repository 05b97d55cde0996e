/** What a drag in a view of a box does to it: the body moves it, an edge moves a face, a corner two faces. */
import type { Box } from '../../../inference/boxes/index.ts';
import { faceMoved, movedOwn, type Side } from './edit.ts';
import { SIDE_AXES, type SideName } from './side-axes.ts';

/** Which faces a drag moves: sides along the view's right and up; both 0 for the body. */
export interface SideGrip {
  readonly right: Side | 0;
  readonly up: Side | 0;
}

/**
 * The box after a grip went so many metres to the right and up in a view. With `keepsSize` edges move the
 * box.
 */
export function draggedInSide(
  start: Box,
  view: SideName,
  { right, up }: SideGrip,
  [toRight, toUp]: readonly [number, number],
  keepsSize: boolean,
): Box {
  const axes = SIDE_AXES[view];
  const own: [number, number, number] = [0, 0, 0];
  if ((right === 0 && up === 0) || keepsSize) {
    if (right !== 0 || up === 0) own[axes.right.axis] += toRight * axes.right.side;
    if (up !== 0 || right === 0) own[axes.up.axis] += toUp * axes.up.side;
    return movedOwn(start, own);
  }
  let box = start;
  if (right !== 0) box = faceMoved(box, axes.right.axis, (right * axes.right.side) as Side, toRight * right);
  if (up !== 0) box = faceMoved(box, axes.up.axis, (up * axes.up.side) as Side, toUp * up);
  return box;
}

/** The name of a drag's undo step. */
export function dragName({ right, up }: SideGrip): string {
  return right === 0 && up === 0 ? 'move' : 'resize';
}
