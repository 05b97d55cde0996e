/** A rectangle dragged on the ground as a rough box for the fit to begin with. */
import type { Box, Vec2 } from '../../../inference/boxes/index.ts';
import { wrapAngle } from '../../../inference/boxes/index.ts';
import type { PointList } from '../cloud/index.ts';

/** What is higher over the ground than this is no road user, metres. */
const CEILING_METRES = 4.5;
const DEFAULT_HEIGHT_METRES = 1.7;
/** A drag shorter than this is a click, metres. */
export const MIN_DRAG = 0.25;

/**
 * The box over a rectangle from one corner to the other, its sides parallel to `axis` (a direction on the
 * ground, usually the view's right). The longer side is the length. Height: from `ground` to the highest
 * point over the rectangle.
 */
export function boxOverRectangle(from: Vec2, to: Vec2, axis: number, ground: number, points: PointList): Box {
  const cos = Math.cos(axis);
  const sin = Math.sin(axis);
  const dx = to[0] - from[0];
  const dy = to[1] - from[1];
  const along = Math.abs(dx * cos + dy * sin);
  const across = Math.abs(dy * cos - dx * sin);
  const isTurned = across > along;
  const center: Vec2 = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
  const length = Math.max(MIN_DRAG, along, across);
  const width = Math.max(MIN_DRAG, Math.min(along, across));
  const yaw = wrapAngle(isTurned ? axis + Math.PI / 2 : axis);
  const height = heightOver(center, length, width, yaw, ground, points);
  return { center: [center[0], center[1], ground + height / 2], size: [length, width, height], yaw };
}

function heightOver(
  c: Vec2,
  length: number,
  width: number,
  yaw: number,
  ground: number,
  points: PointList,
): number {
  const cos = Math.cos(yaw);
  const sin = Math.sin(yaw);
  const { origin, xyz } = points;
  let highest = 0;
  for (let i = 0; i < xyz.length; i += 3) {
    const x = origin[0] + xyz[i]! - c[0];
    const y = origin[1] + xyz[i + 1]! - c[1];
    const up = origin[2] + xyz[i + 2]! - ground;
    if (up > CEILING_METRES || up <= highest) continue;
    if (Math.abs(x * cos + y * sin) <= length / 2 && Math.abs(y * cos - x * sin) <= width / 2) highest = up;
  }
  return highest > 0.3 ? highest : DEFAULT_HEIGHT_METRES;
}
