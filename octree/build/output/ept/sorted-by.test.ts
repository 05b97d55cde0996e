import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sortedBy } from './sorted-by.ts';

const FLOATS = [0, -0, 1, -1, 0.5, -0.5, 1e-30, -1e-30, 3e8, -3e8, 0.07, 255];
const heights = fc.oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.integer({ min: -3, max: 3 }));

describe('sortedBy', () => {
  for (const [name, from, values] of [
    ['float32', (all: number[]) => Float32Array.from(all), fc.constantFrom(...FLOATS)],
    ['float64', (all: number[]) => Float64Array.from(all), fc.constantFrom(...FLOATS, 0.1, 0.1 + 2 ** -56)],
    ['uint16', (all: number[]) => Uint16Array.from(all), fc.integer({ min: 0, max: 65_535 })],
  ] as const) {
    // Few points and many have digits of different sizes.
    for (const { copies, numRuns } of [
      { copies: 1, numRuns: 100 },
      { copies: 400, numRuns: 3 },
    ])
      it(`orders ${copies} x points by ${name} intensity, then height, and keeps equal ones as they were`, () => {
        const rows = fc.array(fc.tuple(values, heights), {
          minLength: copies === 1 ? 0 : 60,
          maxLength: 100,
        });
        fc.assert(
          fc.property(rows, (few) => {
            const all = Array.from({ length: copies }, () => few).flat();
            const intensity = from(all.map(([value]) => value));
            const z = Int32Array.from(all, ([, height]) => height);
            const wanted = Uint32Array.from(all.keys()).toSorted(
              (a, b) => intensity[a]! - intensity[b]! || z[a]! - z[b]! || a - b,
            );
            const sorted = sortedBy([intensity, z], all.length);
            expect(sorted.length).toBe(wanted.length);
            expect(sorted.findIndex((point, i) => point !== wanted[i])).toBe(-1);
          }),
          { numRuns },
        );
      });
  }
});
