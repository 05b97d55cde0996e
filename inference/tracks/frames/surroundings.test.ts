import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Box, insideTest } from '../../boxes/index.ts';
import type { Crop } from '../../fit/index.ts';
import { Surroundings } from './surroundings.ts';

/** Points every 0.5 m, 12 m around the origin. */
const side = Array.from({ length: 49 }, (_, k) => k / 2 - 12);
const positions = Float32Array.from(side.flatMap((x) => side.flatMap((y) => [x, y, 0])));
const crop: Crop = { origin: [0, 0, 0], positions, count: positions.length / 3 };

function inside({ positions: points, count }: Crop, box: Box, margin: number): number {
  const isInside = insideTest(box, margin);
  let found = 0;
  for (let i = 0; i < 3 * count; i += 3) if (isInside(points[i]!, points[i + 1]!, points[i + 2]!)) found++;
  return found;
}

it('have all points of every box, wherever a fit moved it', () => {
  const place = fc.double({ min: -6, max: 6, noNaN: true });
  const start: Box = { center: [1, -1, 0], size: [4.4, 1.8, 1.5], yaw: 0.3 };
  const around = new Surroundings(crop, start);
  fc.assert(
    fc.property(place, place, place, fc.constantFrom(0, 0.3, 0.8), (x, y, yaw, margin) => {
      const box: Box = { ...start, center: [x, y, 0], yaw };
      expect(inside(around.of(box, margin), box, margin)).toBe(inside(crop, box, margin));
    }),
  );
  expect(around.of(start, 0.8).count).toBeLessThan(crop.count / 4);
});
