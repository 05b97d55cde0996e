import { describe, expect, it } from 'vitest';
import { shapeOf } from './shape.ts';

describe('a shape', () => {
  it('has the points in the box in its own axes, without those at its floor', () => {
    const positions = Float32Array.from([10, 1, 0.5, 10, 1, -0.74, 30, 0, 0]);
    const shape = shapeOf(
      { origin: [0, 0, 0], positions, count: 3 },
      { center: [10, 0, 0], size: [4, 2, 1.5], yaw: Math.PI / 2 },
      0,
    );
    expect([...shape].map((value) => Math.round(value * 1000) / 1000)).toEqual([1, 0, 0.5]);
  });

  it('is bounded', () => {
    const positions = new Float32Array(3 * 5000).fill(0.1);
    const box = { center: [0, 0, 0], size: [4, 2, 1.5], yaw: 0 } as const;
    expect(shapeOf({ origin: [0, 0, 0], positions, count: 5000 }, box, 0).length).toBe(3 * 400);
  });
});
