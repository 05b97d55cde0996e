/**
 * The three views of a box: seen from above with the heading up, from its right side with the heading to the
 * right, and from behind, so that left is left in all of them.
 */
import type { Axis, Side } from './edit.ts';

export type SideName = 'top' | 'side' | 'rear';

export interface BoxDirection {
  readonly axis: Axis;
  readonly side: Side;
}

/** Which of the box's axes goes to the right, and which goes up. The third one is the depth. */
export const SIDE_AXES: Readonly<
  Record<SideName, { readonly right: BoxDirection; readonly up: BoxDirection; readonly depth: Axis }>
> = {
  top: { right: { axis: 1, side: -1 }, up: { axis: 0, side: 1 }, depth: 2 },
  side: { right: { axis: 0, side: 1 }, up: { axis: 2, side: 1 }, depth: 1 },
  rear: { right: { axis: 1, side: -1 }, up: { axis: 2, side: 1 }, depth: 0 },
};
