import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Corner } from './corner.ts';
import { Ring } from './ring.ts';
import { RingGrid } from './ring-grid.ts';

const eighth = fc.integer({ min: -64, max: 64 }).map((n) => n / 8);
const place = fc.oneof(
  fc.tuple(eighth, eighth),
  fc.tuple(fc.double({ min: -9, max: 9, noNaN: true }), fc.double({ min: -9, max: 9, noNaN: true })),
);
const ring = fc.array(place, { minLength: 3, maxLength: 12 });
/** At home, and where UTM coordinates are. */
const origins = fc.constantFrom<Corner>([0, 0], [637290, 4851209]);

describe('a ring for many points', () => {
  test('has the points that the ring has, on its corners and edges as well', () => {
    fc.assert(
      fc.property(origins, ring, fc.array(place, { maxLength: 60 }), ([x0, y0], corners, points) => {
        const moved = corners.map(([x, y]) => [x + x0, y + y0] as const);
        const exact = new Ring(moved);
        const grid = new RingGrid(exact);
        const middles = moved.map(([x, y], i) => {
          const [nextX, nextY] = moved[(i + 1) % moved.length]!;
          return [(x + nextX) / 2, (y + nextY) / 2] as const;
        });
        const asked = [...points.map(([x, y]) => [x + x0, y + y0] as const), ...moved, ...middles];
        for (const [x, y] of asked) expect(grid.contains(x, y), `${x}, ${y}`).toBe(exact.contains(x, y));
      }),
      { numRuns: 1000 },
    );
  });

  test('however thin the ring is', () => {
    for (const corners of [
      [
        [0, 0],
        [5, 0],
        [9, 0],
      ],
      [
        [3, 3],
        [3, 3],
        [3, 3],
      ],
      [
        [0, 0],
        [9, 9],
        [0, 0],
      ],
      [
        [0, -1],
        [0, 7],
        [0, 3],
      ],
    ] as const) {
      const exact = new Ring(corners);
      const grid = new RingGrid(exact);
      for (let x = -1; x <= 10; x += 0.25)
        for (let y = -1; y <= 10; y += 0.25)
          expect(grid.contains(x, y), `${x}, ${y}`).toBe(exact.contains(x, y));
    }
  });
});
