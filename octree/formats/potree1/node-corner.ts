/** The corner that positions in a Potree 1 node are relative to. */
import type { Bounds, Key, Vec3 } from '../../geometry/index.ts';

/**
 * The minimum corner of the cube of a node. Computed level by level like PotreeConverter and the viewer, so
 * that the last bits agree.
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
