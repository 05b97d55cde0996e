/**
 * Adapts a box to how a project draws. A face with points near it moves by the difference between the
 * project's padding and that of the training labels. An end without points moves by the difference in mean
 * length; the other end stays.
 */
import type { Box, Vec3 } from '../boxes/index.ts';
import type { GroundPlane } from '../ground/index.ts';
import { type Gaps, gapsOf } from './gaps.ts';
import type { ClassProfile, Padding } from './profile.ts';

/**
 * A face counts as seen up to the first distance from its outermost points, and as guessed from the second
 * on, metres.
 */
const SEEN_METRES = 0.2;
const GUESSED_METRES = 0.8;
/**
 * Share of a difference in mean size by which a guessed end moves. The network knows part of it: wide cars
 * are long.
 */
const SIZE_SHARE = 0.75;
/** Largest move of a face, metres. */
const MAX_MOVE_METRES = 1;

export interface Adapted {
  readonly own: ClassProfile;
  readonly trainingProfile: ClassProfile;
}

/**
 * @param points in the coordinates of the box
 * @param keepsSize true: only the height of the floor is adapted
 */
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
  const longer = (axis: 0 | 1 | 2) => SIZE_SHARE * (own.size[axis] - trainingProfile.size[axis]);
  const [front, rear] = pair(gaps.front, gaps.rear, room('ends'), longer(0));
  const [left, right] = pair(gaps.left, gaps.right, room('sides'), longer(1));
  const floor = gaps.floor === null ? 0 : room('floor');
  const topUnseen = unseen(gaps.top);
  const top = bounded((1 - topUnseen) * room('top') + topUnseen * (longer(2) + floor));
  return moved(box, { front, rear, left, right, top, floor: bounded(floor) }, keepsSize);
}

/** Outward moves of two opposite faces. The one nearer to its points is the seen one. */
function pair(a: number, b: number, room: number, longer: number): readonly [number, number] {
  const isFar = unseen(Math.max(a, b));
  const near = bounded(room);
  const far = bounded((1 - isFar) * room + isFar * (longer - room));
  return a <= b ? [near, far] : [far, near];
}

/** 0 for a seen face, 1 for a guessed one, in between by the gap to its points. */
function unseen(gap: number): number {
  return Math.min(1, Math.max(0, (gap - SEEN_METRES) / (GUESSED_METRES - SEEN_METRES)));
}

function bounded(move: number): number {
  return Math.min(MAX_MOVE_METRES, Math.max(-MAX_MOVE_METRES, move));
}

/** The box with its faces moved outward; a positive `floor` moves up. */
function moved(
  box: Box,
  by: Omit<Gaps, 'count' | 'floor'> & { readonly floor: number },
  keepsSize: boolean,
): Box {
  const [l, w, h] = box.size;
  const grown = [l + by.front + by.rear, w + by.left + by.right, h + by.top - by.floor] as const;
  // A profile that would halve a side does not fit this box.
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
