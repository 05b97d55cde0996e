/** What the points around a box say of it. */
import { type Box, insideTest, toBoxFrame } from '../boxes/index.ts';
import { estimateGround, type GroundPlane, groundHeight } from '../ground/index.ts';

export interface BoxEvidence {
  /** Points in the box. */
  readonly inside: number;
  /** Points just beside and over it, above the ground. */
  readonly beside: number;
  /** Height of the ground under its middle, metres; null: too few points to tell. */
  readonly ground: number | null;
}

/** Points this near to a box are needed, metres. */
export const REACH_METRES = 8;
/** Points this near to a face belong to the object, if they are its own; metres. */
const SHELL = 0.2;
/** Lower points may be of the ground, metres. */
const OVER_GROUND = 0.25;
/** Points of the ground: so many within this reach, this near to the plane; metres. */
const SUPPORT = { points: 40, reach: 4, near: 0.12 };
/** Points on a face are inside, metres. */
const TOLERANCE = 0.03;

/**
 * @param points x, y, z interleaved, relative to the box's centre, of what is within REACH_METRES
 * @param others boxes around it, in the same coordinates: their points are theirs
 */
export function evidenceOf(box: Box, points: Float32Array, others: readonly Box[]): BoxEvidence {
  const own: Box = { ...box, center: [0, 0, 0] };
  const plane = estimateGround(points, points.length / 3, [0, 0]);
  const ground = plane === null || !isSupported(points, plane) ? null : groundHeight(plane, 0, 0);
  const isInside = insideTest(own, TOLERANCE);
  const isNear = insideTest(own, SHELL);
  const isTheirs = others.map((other) => {
    const [x, y, z] = other.center;
    const [cx, cy, cz] = box.center;
    return insideTest({ ...other, center: [x - cx, y - cy, z - cz] }, TOLERANCE);
  });
  const lowest = Math.max(-box.size[2] / 2, ground ?? Number.NEGATIVE_INFINITY) + OVER_GROUND;
  let [inside, beside] = [0, 0];
  for (let i = 0; i < points.length; i += 3) {
    const [x, y, z] = [points[i]!, points[i + 1]!, points[i + 2]!];
    if (!isNear(x, y, z)) continue;
    if (isInside(x, y, z)) inside += 1;
    else if (z > lowest && isBeside(own, x, y, z) && !isTheirs.some((test) => test(x, y, z))) beside += 1;
  }
  return { inside, beside, ground: ground === null ? null : ground + box.center[2] };
}

/** True if enough points of the ground are seen right around the box: a plane from afar tells little. */
function isSupported(points: Float32Array, plane: GroundPlane): boolean {
  let support = 0;
  for (let i = 0; i < points.length; i += 3) {
    const [x, y, z] = [points[i]!, points[i + 1]!, points[i + 2]!];
    if (Math.hypot(x, y) > SUPPORT.reach) continue;
    if (Math.abs(z - groundHeight(plane, x, y)) <= SUPPORT.near) support += 1;
  }
  return support >= SUPPORT.points;
}

/** True for points at a side or over the top, not below. */
function isBeside(own: Box, x: number, y: number, z: number): boolean {
  return toBoxFrame(own, [x, y, z])[2] > -own.size[2] / 2;
}
