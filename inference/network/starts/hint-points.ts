/** Finds the points that a hint is about. */
import type { Vec3 } from '../../boxes/index.ts';
import type { CropGrid } from '../../crop-grid/index.ts';
import type { Crop } from '../../fit/index.ts';
import { groundHeight } from '../../ground/index.ts';
import { NoNetworkAnswer } from '../no-network-answer.ts';

/** A click needs a point within this distance, metres. */
const CLICK_REACH_METRES = 2.5;
/** In a sphere, points lower than this over the ground count as ground, metres. */
const GROUND_BAND_METRES = 0.25;

/** @throws NoNetworkAnswer if a number of the hint is not finite */
export function checkFinite(values: readonly number[]): void {
  if (!values.every(Number.isFinite)) throw new NoNetworkAnswer('the hint is not finite');
}

/** The point nearest to a place; null if the crop is empty. */
export function nearestPoint({ positions, count }: Crop, [x, y, z]: Vec3): Vec3 | null {
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    const distance =
      (positions[3 * i]! - x) ** 2 + (positions[3 * i + 1]! - y) ** 2 + (positions[3 * i + 2]! - z) ** 2;
    if (!(distance < least)) continue;
    least = distance;
    best = i;
  }
  return best < 0 ? null : [positions[3 * best]!, positions[3 * best + 1]!, positions[3 * best + 2]!];
}

/** @throws NoNetworkAnswer if no point is near the click */
export function requirePoints(grid: CropGrid, click: Vec3): void {
  if (grid.countNear(click, CLICK_REACH_METRES) === 0) throw new NoNetworkAnswer('no points near the click');
}

/**
 * The point in the sphere that stands for a click: above the ground if there is one, nearest to the centre
 * seen from above.
 * @throws NoNetworkAnswer if no point is in the sphere
 */
export function pointInSphere(crop: Crop, grid: CropGrid, center: Vec3, radius: number): Vec3 {
  checkFinite([...center, radius]);
  const ground = grid.estimateGround([center[0], center[1]]);
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < crop.count; i++) {
    const x = crop.positions[3 * i]!;
    const y = crop.positions[3 * i + 1]!;
    const z = crop.positions[3 * i + 2]!;
    const dx = x - center[0];
    const dy = y - center[1];
    const dz = z - center[2];
    if (!(dx * dx + dy * dy + dz * dz <= radius * radius)) continue;
    const low = ground !== null && z - groundHeight(ground, x, y) < GROUND_BAND_METRES;
    const cost = dx * dx + dy * dy + 0.1 * dz * dz + (low ? 4 * radius * radius : 0);
    if (cost < least) {
      least = cost;
      best = i;
    }
  }
  if (best < 0) throw new NoNetworkAnswer('no points in the sphere');
  return [crop.positions[3 * best]!, crop.positions[3 * best + 1]!, crop.positions[3 * best + 2]!];
}
