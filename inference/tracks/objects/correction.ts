/**
 * How far a keyframe that nobody confirmed goes towards the network's answer. A small offset is mostly an
 * error of the drawing. A large one is mostly the network's: it does not know how the project draws, and of
 * an object seen from one side it does not know the length.
 */
import { type Box, type Vec3, wrapAngle } from '../../boxes/index.ts';
import type { Residual } from './residual.ts';

interface AxisShare {
  /** Fraction of a small offset that is taken over. */
  readonly share: number;
  /** Of an offset of this size half as much is taken over; metres, radians. */
  readonly half: number;
}

/** Chosen on single frames of other sets and on simulated sequences: see docs/tracks.md. */
const SHARES: Readonly<Record<keyof Residual, AxisShare>> = {
  along: { share: 0.6, half: 0.15 },
  across: { share: 1, half: 0.15 },
  up: { share: 0.6, half: 0.1 },
  turn: { share: 0.4, half: 0.03 },
};

/** @param offset of the network's answer from the keyframe's box, in its axes */
export function correctionOf(offset: Residual): Residual {
  const part = (axis: keyof Residual) => {
    const { share, half } = SHARES[axis];
    return (share * offset[axis]) / (1 + Math.abs(offset[axis]) / half);
  };
  return { along: part('along'), across: part('across'), up: part('up'), turn: part('turn') };
}

/** The box, moved along its own axes and turned. */
export function corrected({ center: [x, y, z], size, yaw }: Box, by: Residual): Box {
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  const center: Vec3 = [x + by.along * c - by.across * s, y + by.along * s + by.across * c, z + by.up];
  return { center, size, yaw: wrapAngle(yaw + by.turn) };
}
