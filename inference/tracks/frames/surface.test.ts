import fc from 'fast-check';
import { expect, it } from 'vitest';
import { surfaceOf } from './surface.ts';

const line = Float32Array.from(Array.from({ length: 21 }, (_, k) => [k / 10 - 1, 0, 0]).flat());

it('has the normals of its points, and how flat it is there', () => {
  const { normals } = surfaceOf(line);
  expect(Math.abs(normals[30]!)).toBeLessThan(1e-6);
  expect(Math.abs(normals[31]!)).toBeCloseTo(1, 6);
  expect(normals[32]).toBeCloseTo(1, 3);
  expect([...surfaceOf(Float32Array.from([0, 0, 0, 5, 0, 0])).normals]).toEqual([0, 0, 0, 0, 0, 0]);
});

it('finds the nearest point within reach', () => {
  const surface = surfaceOf(line);
  expect(surface.nearest(0.04, 0.1, 0, 0.25)).toBe(30);
  expect(surface.nearest(0.04, 0.3, 0, 0.25)).toBe(-1);
  expect(surfaceOf(new Float32Array(0)).nearest(0, 0, 0, 1)).toBe(-1);
});

const coordinate = fc.float({ min: -3, max: 3, noNaN: true });
const place = fc.tuple(coordinate, coordinate, coordinate);
const distance = (points: Float32Array, at: number, [x, y, z]: readonly [number, number, number]) =>
  Math.hypot(points[at]! - x, points[at + 1]! - y, points[at + 2]! - z);

it('finds what a look at every point finds', () => {
  fc.assert(
    fc.property(
      fc.array(place, { maxLength: 60 }),
      fc.tuple(fc.double({ min: -4, max: 4, noNaN: true }), coordinate, coordinate),
      fc.double({ min: 0.01, max: 1.5, noNaN: true }),
      (places, from, reach) => {
        const surface = surfaceOf(Float32Array.from(places.flat()));
        const { points, normals } = surface;
        expect([...points].sort()).toEqual([...Float32Array.from(places.flat())].sort());
        const offsets = places.map((_, k) => 3 * k);
        const found = surface.nearest(...from, reach);
        const least = Math.min(...offsets.map((at) => distance(points, at, from)));
        if (found < 0) expect(least).toBeGreaterThanOrEqual(reach - 1e-9);
        else expect(distance(points, found, from)).toBeCloseTo(least, 9);
        // A point has a normal where it has two neighbours within half a metre.
        for (const at of offsets) {
          const here = [points[at]!, points[at + 1]!, points[at + 2]!] as const;
          const near = offsets.filter((other) => distance(points, other, here) <= 0.5).length;
          const length = Math.hypot(normals[at]!, normals[at + 1]!);
          expect(length).toBeCloseTo(near >= 3 ? 1 : 0, 5);
        }
      },
    ),
  );
});
