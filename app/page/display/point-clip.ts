/** Which points are shown: within a footprint, between two heights, above the ground. */
import { type Box, insideTest, type Vec3 } from '../../../inference/boxes/index.ts';
import { type GroundGrid, groundUnder } from './ground-grid.ts';
import type { DisplaySettings } from './settings.ts';

export interface PointClip {
  /** Only points in it; its height is without limit where it is a footprint. */
  readonly region: Box | null;
  /** z, metres. */
  readonly from: number;
  readonly to: number;
}

/** What counts as the surroundings of an object, metres to each side. */
const SURROUNDINGS_METRES = 4;
/** Higher than any scene, metres. */
const NO_LIMIT = 1e5;
/** Points less than this over the ground belong to it, metres. */
const GROUND_LAYER_METRES = 0.2;

/** @param selected the box whose surroundings alone are shown, if that is wanted */
export function clipOf({ region, heights, isIsolated }: DisplaySettings, selected: Box | null): PointClip {
  const own = isIsolated && selected !== null ? around(selected) : null;
  return {
    region: own ?? (region && { ...region, size: [region.size[0], region.size[1], 2 * NO_LIMIT] }),
    from: heights[0] ?? -NO_LIMIT,
    to: heights[1] ?? NO_LIMIT,
  };
}

function around({ center, size, yaw }: Box): Box {
  const sides = size.map((side) => side + 2 * SURROUNDINGS_METRES) as unknown as Vec3;
  return { center, size: sides, yaw };
}

/** @param ground where the ground is hidden; null: it is shown */
export function isShown({ region, from, to }: PointClip, ground: GroundGrid | null, place: Vec3): boolean {
  if (place[2] < from || place[2] > to) return false;
  if (region !== null && !insideTest(region)(...place)) return false;
  return ground === null || place[2] >= groundUnder(ground, place[0], place[1]) + GROUND_LAYER_METRES;
}
