/** Keeps an answer inside the cloud where the question had nothing to do with its points. */
import type { CloudInfo } from '../../octree/index.ts';
import type { Box } from '../boxes/index.ts';
import type { Crop } from '../fit/index.ts';

/**
 * The bounds of the cloud, and of the points that were read: those in the metadata may be out of date, and an
 * object must not be moved into them.
 */
export function extentWith(
  { min, max }: CloudInfo['bounds'],
  { positions, count, origin }: Crop,
): CloudInfo['bounds'] {
  const low: [number, number, number] = [...min];
  const high: [number, number, number] = [...max];
  for (const axis of [0, 1, 2] as const) {
    let [least, most] = [Infinity, -Infinity];
    for (let at = axis; at < 3 * count; at += 3) {
      const value = positions[at]!;
      if (value < least) least = value;
      if (value > most) most = value;
    }
    low[axis] = Math.min(low[axis], least + origin[axis]);
    high[axis] = Math.max(high[axis], most + origin[axis]);
  }
  return { min: low, max: high };
}

/** The box with its middle inside the extent of the cloud, and no side longer than its diagonal. */
export function insideCloud(box: Box, { min, max }: CloudInfo['bounds']): Box {
  const longest = Math.max(0.1, Math.hypot(max[0] - min[0], max[1] - min[1], max[2] - min[2]));
  const within = (k: 0 | 1 | 2) => Math.min(max[k], Math.max(min[k], box.center[k]));
  const side = (k: 0 | 1 | 2) => Math.min(longest, box.size[k]);
  return { center: [within(0), within(1), within(2)], size: [side(0), side(1), side(2)], yaw: box.yaw };
}
