/**
 * The network's error for this object: its answer in a keyframe's own frame, fitted from the keyframe's box,
 * compared with that box. In later frames, seen from nearly the same side, the error is about the same.
 */
import { type Box, toBoxFrame, type Vec3, wrapAngle } from '../../boxes/index.ts';

/** In the axes of the box, metres; the turn in radians. */
export interface Residual {
  readonly along: number;
  readonly across: number;
  readonly up: number;
  readonly turn: number;
}

export const NO_RESIDUAL: Residual = { along: 0, across: 0, up: 0, turn: 0 };
export const ALL: Residual = { along: 1, across: 1, up: 1, turn: 1 };

/** A fit that moved farther than this from the keyframe found something else, metres; radians. */
const FARTHEST = 0.8;
const MOST_TURN = 0.35;
/** A keyframe with fewer points has no residual. */
const LEAST_POINTS = 8;

export function residualOf(fit: Box, keyframe: Box, points: number): Residual {
  if (points < LEAST_POINTS) return NO_RESIDUAL;
  const offset = offsetOf(fit, keyframe);
  const { along, across, up, turn } = offset;
  if (Math.hypot(along, across, up) > FARTHEST || Math.abs(turn) > MOST_TURN) return NO_RESIDUAL;
  return offset;
}

/** Where a box lies from another one, in the axes of the other. */
export function offsetOf(box: Box, from: Box): Residual {
  const [along, across, up] = toBoxFrame(from, box.center);
  return { along, across, up, turn: foldedTurn(box.yaw - from.yaw) };
}

/** The fit with fractions of the residual subtracted. */
export function withoutResidual(fit: Box, { along, across, up, turn }: Residual, share: Residual): Box {
  const yaw = wrapAngle(fit.yaw - share.turn * turn);
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  const [u, v] = [share.along * along, share.across * across];
  const center: Vec3 = [
    fit.center[0] - u * c + v * s,
    fit.center[1] - u * s - v * c,
    fit.center[2] - share.up * up,
  ];
  return { center, size: fit.size, yaw };
}

/** A turn without regard to front and back: -pi/2..pi/2. */
function foldedTurn(turn: number): number {
  const wrapped = wrapAngle(turn);
  if (wrapped > Math.PI / 2) return wrapped - Math.PI;
  return wrapped <= -Math.PI / 2 ? wrapped + Math.PI : wrapped;
}
