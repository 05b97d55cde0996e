/** Random regions near a UTM-sized origin. */
import fc from 'fast-check';
import type { Vec3 } from '../bounds.ts';
import type { Region } from '../region.ts';

/** Multiples of 1/8 near a UTM-sized origin: exact in float64, so that borders are hit exactly. */
export const ORIGIN: Vec3 = [637290, 4851209, 100];
export const grid = (low: number, high: number) =>
  fc.integer({ min: low * 8, max: high * 8 }).map((n) => n / 8);
export const near: fc.Arbitrary<Vec3> = fc
  .tuple(grid(-8, 8), grid(-8, 8), grid(-8, 8))
  .map(([x, y, z]) => [ORIGIN[0] + x, ORIGIN[1] + y, ORIGIN[2] + z]);
const yaws = fc.oneof(
  fc.double({ min: -50, max: 50, noNaN: true }),
  fc.constantFrom(0, Math.PI / 2, Math.PI, -Math.PI / 2, 1e6),
);

export const regions: fc.Arbitrary<Region> = fc.oneof(
  fc.record({ type: fc.constant('click' as const), position: near }),
  fc.record({ type: fc.constant('sphere' as const), center: near, radius: grid(0, 9) }),
  fc.record({
    type: fc.constant('box' as const),
    center: near,
    size: fc.tuple(grid(0, 12), grid(0, 12), grid(0, 12)),
    yaw: yaws,
  }),
  fc.record(
    {
      type: fc.constant('polygon' as const),
      ring: fc.array(
        near.map(([x, y]) => [x, y] as const),
        { minLength: 3, maxLength: 9 },
      ),
      z: fc.tuple(grid(-8, 0), grid(0, 8)).map(([low, high]) => [ORIGIN[2] + low, ORIGIN[2] + high] as const),
    },
    { requiredKeys: ['type', 'ring'] },
  ),
);
