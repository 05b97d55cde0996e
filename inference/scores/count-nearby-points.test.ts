import { describe, expect, it } from 'vitest';
import { CropGrid } from '../crop-grid/index.ts';
import type { Hint } from '../fit/index.ts';
import { countNearbyPoints } from './count-nearby-points.ts';

const crop = new CropGrid();
crop.load(
  // On the place, 1.4 m over it, 1.6 m beside it, on the ground below it, not a number.
  Float32Array.of(5, 5, 1, 5, 5, 2.4, 6.6, 5, 1, 5, 5, 0.1, Number.NaN, 5, 1),
  5,
);
const hints: readonly Hint[] = [
  { type: 'click', position: [5, 5, 1], also: [] },
  { type: 'sphere', center: [5, 5, 1], radius: 4 },
  { type: 'box', box: { center: [5, 5, 1], size: [4, 2, 2], yaw: 1 } },
  { type: 'lasso', click: [5, 5, 1], outline: null },
];

describe('countNearbyPoints', () => {
  it.each(hints.map((hint) => [hint.type, hint] as const))('counts what stands about a %s', (_type, hint) => {
    expect(countNearbyPoints(crop, hint, 0)).toBe(2);
    expect(countNearbyPoints(crop, hint, null)).toBe(3);
    expect(countNearbyPoints(crop, hint, 4)).toBe(0);
  });
});
