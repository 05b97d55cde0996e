/**
 * Checks the data bounds in a cloud's metadata. Some writers leave them unset (zero, or the extremes of
 * float64) or out of date. Code that trusts such bounds places the scanner millions of metres away. So the
 * bounds are compared with the hierarchy: if a node with points lies outside of them, they are replaced by
 * the octree's cube, which contains every point.
 */

import { type FormatCloud, MAX_METRES } from '../formats/index.ts';
import { Bounds, Key, type Vec3 } from '../geometry/index.ts';

type Claim = Pick<FormatCloud, 'bounds' | 'cube' | 'pad' | 'rootPage' | 'points'>;

/** The claimed bounds, or the cube if they cannot be right. */
export function believedBounds(cloud: Claim): Bounds {
  return isBelievable(cloud) ? cloud.bounds : cloud.cube;
}

function isBelievable({ bounds, cube, pad, rootPage, points }: Claim): boolean {
  const { min, max } = bounds;
  if (![...min, ...max].every((at) => Math.abs(at) <= MAX_METRES)) return false;
  if (!min.every((low, axis) => low <= max[axis]!)) return false;
  if (points > 1 && areOnePlace(bounds, cube)) return false;
  const padded = Bounds.pad(bounds, largest(pad));
  if (!Bounds.intersect(padded, cube)) return false;
  for (const [name, count] of rootPage.nodes) {
    if (count === 0) continue;
    const key = Key.parse(name);
    if (key !== null && !Bounds.intersect(padded, Key.cube(key, cube))) return false;
  }
  return true;
}

/** A larger cube was made for points that lie apart; that of copies of one point may have this edge. */
const MOST_METRES_ROUND_ONE_PLACE = 2;

/** Zero, because never set; or those of one point, where others lie apart. */
function areOnePlace({ min, max }: Bounds, cube: Bounds): boolean {
  if (!min.every((low, axis) => low === max[axis])) return false;
  return min.every((low) => low === 0) || cube.max[0] - cube.min[0] > MOST_METRES_ROUND_ONE_PLACE;
}

/** Bounds are stored in decimals or in steps of the scale: two steps of tolerance on every axis. */
function largest(pad: Vec3): Vec3 {
  const most = 2 * Math.max(...pad);
  return [most, most, most];
}
