/** Faces drawn to points: one face, or all of them. The points come in the box's own frame. */
import { type Box, insideTest, toBoxFrame } from '../../../inference/boxes/index.ts';
import type { PointList } from '../cloud/index.ts';
import { type Axis, faceAt, MIN_EDGE, type Side } from './edit.ts';

/** How far outwards a face follows points, and the widest gap that it crosses, metres. */
const GROWTH_METRES = { reach: 1.2, gap: 0.2 };
/** Points this low over the bottom face belong to the ground for the side faces, metres. */
const GROUND_BAND_METRES = 0.15;
/** Kept free between a face and the outermost point, metres. */
const FREE_ROOM_METRES = 0.02;
const FEWEST_POINTS = 3;

/**
 * Moves a face to the outermost point: inwards to the first point in the box, or outwards along points that
 * continue without a gap. Null if there are too few points to tell. The bottom face only moves inwards: below
 * it is the ground.
 */
export function snapFace(box: Box, axis: Axis, side: Side, points: PointList): Box | null {
  const half = box.size[axis] / 2;
  const reach = axis === 2 && side === -1 ? 0 : GROWTH_METRES.reach;
  const places: number[] = [];
  const others = ([0, 1, 2] as const).filter((other) => other !== axis);
  forEachOwn(box, points, (own) => {
    if (others.some((other) => Math.abs(own[other]!) > box.size[other] / 2)) return;
    if (axis !== 2 && own[2]! < -box.size[2] / 2 + GROUND_BAND_METRES) return;
    const place = own[axis]! * side;
    if (place >= -half && place <= half + reach) places.push(place);
  });
  places.sort((a, b) => a - b);
  const inside = places.filter((place) => place <= half);
  if (inside.length < FEWEST_POINTS) return null;
  let outermost = inside.at(-1)!;
  for (const place of places.slice(inside.length)) {
    if (place - outermost > GROWTH_METRES.gap) break;
    outermost = place;
  }
  // Half a box without points is a side that the scanner did not see, not a smaller object.
  if (outermost < -half + MIN_EDGE) return null;
  return faceAt(box, axis, side, (outermost + FREE_ROOM_METRES) * side);
}

/** All faces to the outermost points inside. Null if there are too few. The bottom stays. */
export function shrunk(box: Box, points: PointList): Box | null {
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  const isInside = insideTest(box);
  let count = 0;
  forEachOwn(box, points, (own, x, y, z) => {
    if (!isInside(x, y, z) || own[2]! < -box.size[2] / 2 + GROUND_BAND_METRES) return;
    count += 1;
    for (const axis of [0, 1, 2] as const) {
      if (axis < 2) low[axis] = Math.min(low[axis]!, own[axis]!);
      high[axis] = Math.max(high[axis]!, own[axis]!);
    }
  });
  if (count < FEWEST_POINTS) return null;
  let result = faceAt(box, 2, 1, high[2]! + FREE_ROOM_METRES);
  for (const axis of [0, 1] as const) {
    // Both places are from the old centre; the first move shifts the centre, so the second is told from
    // there.
    const [from, to] = [low[axis]! - FREE_ROOM_METRES, high[axis]! + FREE_ROOM_METRES];
    const grown = faceAt(result, axis, 1, to);
    const shift = (to - box.size[axis] / 2) / 2;
    result = faceAt(grown, axis, -1, from - shift);
  }
  return result;
}

/** How many points lie in the box. */
export function countInside(box: Box, points: PointList): number {
  const isInside = insideTest(box);
  const { origin, xyz } = points;
  let count = 0;
  for (let i = 0; i < xyz.length; i += 3)
    if (isInside(origin[0] + xyz[i]!, origin[1] + xyz[i + 1]!, origin[2] + xyz[i + 2]!)) count += 1;
  return count;
}

function forEachOwn(
  box: Box,
  { origin, xyz }: PointList,
  visit: (own: readonly number[], x: number, y: number, z: number) => void,
): void {
  for (let i = 0; i < xyz.length; i += 3) {
    const x = origin[0] + xyz[i]!;
    const y = origin[1] + xyz[i + 1]!;
    const z = origin[2] + xyz[i + 2]!;
    visit(toBoxFrame(box, [x, y, z]), x, y, z);
  }
}
