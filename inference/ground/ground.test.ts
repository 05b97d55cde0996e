import { describe, expect, it } from 'vitest';
import { estimateGround, groundHeight } from './ground.ts';

/** A repeatable stream of numbers in [0, 1). */
function numbers(seed: number): () => number {
  let s = seed;
  return () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return s / 4294967296;
  };
}

/** Ground points on a plane with 2 cm noise, a hole and a block of points (a parked car) above it. */
function scene(a: number, b: number, c: number, count: number, seed = 1): Float32Array {
  const next = numbers(seed);
  const out = new Float32Array(3 * count);
  for (let i = 0; i < count; i++) {
    const car = i % 4 === 0;
    const x = car ? (next() - 0.5) * 4.4 : (next() - 0.5) * 26;
    const y = car ? (next() - 0.5) * 1.8 : (next() - 0.5) * 26;
    const hidden = !car && Math.abs(x) < 2.2 && Math.abs(y) < 0.9;
    const over = car || hidden ? 0.25 + 1.2 * next() : (next() - 0.5) * 0.04;
    out.set([x, y, a * x + b * y + c + over], 3 * i);
  }
  return out;
}

describe('estimateGround', () => {
  it.each([
    [0, 0, 0],
    [0.05, -0.03, -1.7],
    [-0.12, 0.08, 40],
  ])('finds the plane %d x + %d y + %d under a car', (a, b, c) => {
    const plane = estimateGround(scene(a, b, c, 6000), 6000, [0.4, -0.2]);
    expect(plane).not.toBeNull();
    for (const [x, y] of [
      [0, 0],
      [2, 1],
      [-2, -1],
    ] as const)
      expect(Math.abs(groundHeight(plane!, x, y) - (a * x + b * y + c))).toBeLessThan(0.03);
  });

  it('gives the same plane for the same points, whatever their order', () => {
    const points = scene(0.02, 0.01, -1.7, 3000);
    const turned = new Float32Array(points.length);
    for (let i = 0; i < 3000; i++) turned.set(points.subarray(3 * i, 3 * i + 3), points.length - 3 * (i + 1));
    const one = estimateGround(points, 3000, [0, 0])!;
    const other = estimateGround(turned, 3000, [0, 0])!;
    expect(groundHeight(other, 0, 0)).toBeCloseTo(groundHeight(one, 0, 0), 6);
  });

  it('is not drawn down by stray returns below the ground', () => {
    const points = scene(0, 0, 0, 6000);
    for (let i = 0; i < 20; i++) points[3 * (i * 37 + 1) + 2] = -2 - i * 0.1;
    const plane = estimateGround(points, 6000, [0, 0])!;
    expect(Math.abs(groundHeight(plane, 0, 0))).toBeLessThan(0.03);
  });

  it('says that it does not know where there is too little', () => {
    expect(estimateGround(new Float32Array(0), 0, [0, 0])).toBeNull();
    expect(estimateGround(new Float32Array([0, 0, 0, 1, 1, 1]), 2, [0, 0])).toBeNull();
    expect(estimateGround(scene(0, 0, 0, 500), 500, [400, 0])).toBeNull();
    expect(estimateGround(new Float32Array(300).fill(Number.NaN), 100, [0, 0])).toBeNull();
    expect(estimateGround(new Float32Array(300).fill(1), 100, [0, 0])).toBeNull();
  });

  it('takes about a millisecond for 20,000 points', () => {
    const points = scene(0.02, 0.01, -1.7, 20000);
    for (let i = 0; i < 20; i++) estimateGround(points, 20000, [0, 0]);
    const start = performance.now();
    for (let i = 0; i < 20; i++) estimateGround(points, 20000, [0, 0]);
    expect((performance.now() - start) / 20).toBeLessThan(10);
  });
});
