/** The corner that positions of a Potree 1 node are relative to. */
import type { Bounds, Key, Vec3 } from '../../geometry/index.ts';

/**
 * The least corner of a node's cube, halved level by level as PotreeConverter and the viewer do: its last bits are theirs.
 */
export function nodeCorner({ depth, x, y, z }: Key, { min, max }: Bounds): Vec3 {
  const along = (place: number, from: number, to: number) => {
    let low = from;
    let high = to;
    for (let bit = depth - 1; bit >= 0; bit--) {
      const half = (high - low) * 0.5;
      if ((place >> bit) & 1) low += half;
      else high = low + half;
    }
    return low;
  };
  return [along(x, min[0], max[0]), along(y, min[1], max[1]), along(z, min[2], max[2])];
}
