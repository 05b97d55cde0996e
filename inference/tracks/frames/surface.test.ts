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
});
