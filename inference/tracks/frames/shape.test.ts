import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { register, type Shape, shapeOf } from './shape.ts';

/** Two sides of a car, as points every 4 cm at three heights. */
function corner(dx: number, dy: number): Shape {
  const points: number[] = [];
  for (const z of [-0.3, 0, 0.3]) {
    for (let u = -2; u <= 2; u += 0.04) points.push(u + dx, -0.9 + dy, z);
    for (let v = -0.9; v <= 0.9; v += 0.04) points.push(2.1 + dx, v + dy, z);
  }
  return Float32Array.from(points);
}

describe('registration', () => {
  it('finds by how much the points are shifted', () => {
    const shift = fc.double({ min: -0.3, max: 0.3, noNaN: true });
    fc.assert(
      fc.property(shift, shift, (dx, dy) => {
        const { move, overlap } = register(corner(dx, dy), corner(0, 0))!;
        expect(Math.abs(move[0] + dx)).toBeLessThan(0.1);
        expect(Math.abs(move[1] + dy)).toBeLessThan(0.1);
        expect(overlap).toBeGreaterThan(0.9);
      }),
    );
  });

  it('says nothing where too little goes together', () => {
    expect(register(corner(5, 5), corner(0, 0))).toBeNull();
    expect(register(corner(0, 0).slice(0, 12), corner(0, 0))).toBeNull();
    expect(register(new Float32Array(0), corner(0, 0))).toBeNull();
  });
});

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
