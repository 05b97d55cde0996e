/**
 * An answer adapted to a project's way of drawing: the faces that are seen move by how much more (or less) room the project leaves than the network was
 * taught, and an end that nothing is seen of moves by how much longer the project's objects are, the other end staying where it is.
 */
import type { Box, Vec3 } from '../boxes/index.ts';
import type { GroundPlane } from '../ground/index.ts';
import { type Gaps, gapsOf } from './gaps.ts';
import type { ClassProfile, Padding } from './profile.ts';

/** A face nearer to its outermost points than the first is seen; one farther than the second is a guess; metres. */
const SEEN = 0.2;
const UNSEEN = 0.8;
/** Of a difference in mean size, the share that shows in the network's guesses: they are not blind, a wide car is a long one. */
const GUESSED = 0.75;
/** No face moves farther than this, metres. */
const MOST_MOVE = 1;

export interface Adapted {
  readonly own: ClassProfile;
  readonly trainingProfile: ClassProfile;
}

/** @param keepsSize true: only how the box stands is adapted, not its size */
export function applyProfile(
  box: Box,
  { own, trainingProfile }: Adapted,
  points: { readonly positions: Float32Array; readonly count: number },
  ground: GroundPlane | null,
  keepsSize: boolean,
): Box {
  const gaps = gapsOf(box, points.positions, points.count, ground);
  if (gaps === null) return box;
  const room = (name: keyof Padding) => own.padding[name] - trainingProfile.padding[name];
  const longer = (axis: 0 | 1 | 2) => GUESSED * (own.size[axis] - trainingProfile.size[axis]);
  const [front, rear] = pair(gaps.front, gaps.rear, room('ends'), longer(0));
  const [left, right] = pair(gaps.left, gaps.right, room('sides'), longer(1));
  const floor = gaps.floor === null ? 0 : room('floor');
  const topUnseen = unseen(gaps.top);
  const top = bounded((1 - topUnseen) * room('top') + topUnseen * (longer(2) + floor));
  return moved(box, { front, rear, left, right, top, floor: bounded(floor) }, keepsSize);
}

/** How far two opposite faces move outward. The nearer to its points is the one that is seen. */
function pair(a: number, b: number, room: number, longer: number): readonly [number, number] {
  const isFar = unseen(Math.max(a, b));
  const near = bounded(room);
  const far = bounded((1 - isFar) * room + isFar * (longer - room));
  return a <= b ? [near, far] : [far, near];
}

/** 0: points lie close to the face; 1: nothing tells where it is. */
function unseen(gap: number): number {
  return Math.min(1, Math.max(0, (gap - SEEN) / (UNSEEN - SEEN)));
}

function bounded(move: number): number {
  return Math.min(MOST_MOVE, Math.max(-MOST_MOVE, move));
}

/** Of `floor`, upward is positive. */
function moved(
  box: Box,
  by: Omit<Gaps, 'count' | 'floor'> & { readonly floor: number },
  keepsSize: boolean,
): Box {
  const [l, w, h] = box.size;
  const grown = [l + by.front + by.rear, w + by.left + by.right, h + by.top - by.floor] as const;
  // A profile that would turn the box inside out does not fit it.
  if (grown.some((side, k) => side < 0.5 * box.size[k]!)) return box;
  const [along, across] = [(by.front - by.rear) / 2, (by.left - by.right) / 2];
  const [c, s] = [Math.cos(box.yaw), Math.sin(box.yaw)];
  const [x, y, z] = box.center;
  const up = keepsSize ? by.floor : (by.top + by.floor) / 2;
  const center: Vec3 = keepsSize
    ? [x, y, z + up]
    : [x + along * c - across * s, y + along * s + across * c, z + up];
  return { center, size: keepsSize ? box.size : grown, yaw: box.yaw };
}
