/** What a click or a rectangle on the map is about: a place on an object, or a rough box on the ground. */
import type { Box, Vec2, Vec3 } from '../../../inference/boxes/index.ts';
import { estimateGround, groundHeight } from '../../../inference/ground/index.ts';
import { boxOverRectangle, MIN_DRAG } from '../boxes/index.ts';
import type { MergedPoints } from './merged-points.ts';

/** Points up to here decide where the ground is, and how far up and down points are looked at; metres. */
const GROUND_REACH_METRES = 8;
const ANY_HEIGHT_METRES = 1e5;
/** What is lower is the ground, what is higher hangs over the street; metres over the ground. */
const OBJECT_HEIGHT_METRES = { from: 0.3, to: 3.5 } as const;
const LARGEST_RECTANGLE_METRES = 40;

/** Height of the ground of the world at x, y; null where there are too few points to tell. */
function groundOfMap(points: MergedPoints, [x, y]: Vec2): number | null {
  const { origin, xyz } = columnOf(points, [x, y], GROUND_REACH_METRES);
  const around: Vec2 = [x - origin[0], y - origin[1]];
  const plane = estimateGround(xyz, xyz.length / 3, around);
  return plane && groundHeight(plane, ...around) + origin[2];
}

/**
 * The point of an object within `reach` metres of x, y: the one nearest to it. null where nothing stands.
 */
export function placeOnMap(points: MergedPoints, at: Vec2, reach: number): Vec3 | null {
  const ground = groundOfMap(points, at);
  const { origin, xyz } = columnOf(points, at, reach);
  let best: Vec3 | null = null;
  let nearest = reach;
  for (let i = 0; i < xyz.length; i += 3) {
    const place: Vec3 = [origin[0] + xyz[i]!, origin[1] + xyz[i + 1]!, origin[2] + xyz[i + 2]!];
    const above = ground === null ? OBJECT_HEIGHT_METRES.from : place[2] - ground;
    const off = Math.hypot(place[0] - at[0], place[1] - at[1]);
    if (above < OBJECT_HEIGHT_METRES.from || above > OBJECT_HEIGHT_METRES.to || off > nearest) continue;
    [best, nearest] = [place, off];
  }
  return best;
}

/**
 * The rough box over a rectangle, its sides along x and y; null if it is too small or large, or on no ground.
 */
export function boxOnMap(points: MergedPoints, from: Vec2, to: Vec2): Box | null {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  if (length < MIN_DRAG || length > LARGEST_RECTANGLE_METRES) return null;
  const middle: Vec2 = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
  const ground = groundOfMap(points, middle);
  if (ground === null) return null;
  return boxOverRectangle(from, to, 0, ground, columnOf(points, middle, length));
}

function columnOf(points: MergedPoints, [x, y]: Vec2, reach: number) {
  return points.pointsIn({
    min: [x - reach, y - reach, -ANY_HEIGHT_METRES],
    max: [x + reach, y + reach, ANY_HEIGHT_METRES],
  });
}
