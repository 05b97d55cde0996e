import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isInPlace, isSurelyInPlace, register } from './registration.ts';
import type { Shape } from './shape.ts';

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

  const side = (dx: number, dy: number) => corner(dx, dy).filter((_, i) => Math.floor(i / 3) % 147 < 101);

  it('is sure of the place where two sides are seen, not where one slid along itself', () => {
    const surely = (points: Shape) => {
      const registration = register(points, corner(0, 0));
      return [isInPlace(registration), isSurelyInPlace(registration)];
    };
    expect(surely(corner(0.02, -0.02))).toEqual([true, true]);
    expect(surely(side(0, 0))).toEqual([true, false]);
    expect(surely(side(-0.9, 0))).toEqual([true, false]);
    expect(surely(corner(0.3, 0))).toEqual([false, false]);
    expect(isSurelyInPlace(null)).toBe(false);
  });

  it('takes nothing from points that slide along a side', () => {
    const along = register(side(0.3, 0), side(0, 0))!;
    expect(along.weight[0]).toBeLessThan(0.1 * along.weight[1]);
    const across = register(side(0.3, 0.2), side(0, 0))!;
    expect(Math.abs(across.move[1] + 0.2)).toBeLessThan(0.01);
  });

  it('is not led astray by a neighbour that has no partner', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.35, max: 0.6, noNaN: true }), (away) => {
        const wall = Array.from({ length: 60 }, (_, k) => [k / 20 - 1.5, -0.9 - away, 0]).flat();
        const { move } = register(Float32Array.from([...corner(0, 0), ...wall]), corner(0, 0))!;
        expect(Math.hypot(...move)).toBeLessThan(0.02);
      }),
    );
  });
});
