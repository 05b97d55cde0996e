/** What one press of a key does to a box that is seen in one of its own views. */
import type { Box } from '../../../inference/boxes/index.ts';
import { faceMoved, flipped, movedOwn, type Side, turned } from './edit.ts';
import { SIDE_AXES, type SideName } from './side-axes.ts';

export type ArrowDirection = 'up' | 'down' | 'left' | 'right';

/** One press of a key: metres and radians. */
export const KEY_STEP = { move: 0.1, resize: 0.05, turn: Math.PI / 180 } as const;

interface KeyEdit {
  readonly box: Box;
  /** The name of the undo step. */
  readonly what: string;
}

/** Steps of metres to the right and up. */
export function directionSteps(direction: ArrowDirection, step: number): readonly [number, number] {
  const steps = { up: [0, step], down: [0, -step], left: [-step, 0], right: [step, 0] } as const;
  return steps[direction];
}

/** Moved along its own axes, in a direction of the view. */
export function nudged(box: Box, view: SideName, direction: ArrowDirection): Box {
  const [right, up] = directionSteps(direction, KEY_STEP.move);
  const axes = SIDE_AXES[view];
  const own: [number, number, number] = [0, 0, 0];
  own[axes.right.axis] += right * axes.right.side;
  own[axes.up.axis] += up * axes.up.side;
  return movedOwn(box, own);
}

/** The face that lies in a direction of the view goes outwards, or inwards; the opposite one stays. */
export function stretched(box: Box, view: SideName, direction: ArrowDirection, inwards: boolean): Box {
  const [right, up] = directionSteps(direction, 1);
  const { axis, side } = right === 0 ? SIDE_AXES[view].up : SIDE_AXES[view].right;
  return faceMoved(box, axis, (side * (right + up)) as Side, inwards ? -KEY_STEP.resize : KEY_STEP.resize);
}

/** The edit that an action of the keyboard is in a view; null: it needs more than the box. */
export function keyEdit(box: Box, view: SideName, action: string): KeyEdit | null {
  const [, verb, name] = /^(move|grow|cut)(Up|Down|Left|Right)$/.exec(action) ?? [];
  if (verb !== undefined && name !== undefined) {
    const direction = name.toLowerCase() as ArrowDirection;
    if (verb === 'move') return { box: nudged(box, view, direction), what: 'move' };
    return { box: stretched(box, view, direction, verb === 'cut'), what: 'resize' };
  }
  switch (action) {
    case 'turnLeft':
      return { box: turned(box, KEY_STEP.turn), what: 'turn' };
    case 'turnRight':
      return { box: turned(box, -KEY_STEP.turn), what: 'turn' };
    case 'raise':
      return { box: movedOwn(box, [0, 0, KEY_STEP.resize]), what: 'move' };
    case 'lower':
      return { box: movedOwn(box, [0, 0, -KEY_STEP.resize]), what: 'move' };
    case 'flip':
      return { box: flipped(box), what: 'flip' };
    default:
      return null;
  }
}
