import type { Vec3 } from '../boxes/index.ts';
import type { CropGrid } from '../crop-grid/index.ts';
import type { Hint } from '../fit/index.ts';

/** Points within this distance of the place count, metres. */
const RADIUS_METRES = 1.5;
/** Points lower than this over the ground do not count, metres. */
const GROUND_BAND_METRES = 0.2;

/**
 * How much there is to go by where a hint points: how many points stand within 1.5 m of the click, of the
 * middle of the sphere or of the drawn box.
 * @param grid holds the crop's points
 * @param ground height of the ground, in the crop's coordinates; null if it is unknown: then all points count
 */
export function countNearbyPoints(grid: CropGrid, hint: Hint, ground: number | null): number {
  const floor = ground === null ? Number.NEGATIVE_INFINITY : ground + GROUND_BAND_METRES;
  return grid.countNear(placeOf(hint), RADIUS_METRES, floor);
}

/** The place that a hint points at. */
export function placeOf(hint: Hint): Vec3 {
  switch (hint.type) {
    case 'click':
      return hint.position;
    case 'sphere':
      return hint.center;
    case 'box':
      return hint.box.center;
    case 'lasso':
      return hint.click;
  }
}
