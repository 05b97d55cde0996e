import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mulberry32 } from '../../cache/foundation/index.ts';
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
        const grid = RingGrid.of(exact);
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
      const grid = RingGrid.of(exact);
      for (let x = -1; x <= 10; x += 0.25)
        for (let y = -1; y <= 10; y += 0.25)
          expect(grid.contains(x, y), `${x}, ${y}`).toBe(exact.contains(x, y));
    }
  });
});

describe('a ring of many edges', () => {
  const star = (corners: number, [cx, cy]: Corner, random: () => number): Corner[] =>
    Array.from({ length: corners }, (_, i) => {
      const angle = (2 * Math.PI * i) / corners;
      const radius = i % 2 === 0 ? 9 : 0.01 * random();
      return [cx + radius * Math.cos(angle), cy + radius * Math.sin(angle)];
    });
  const tangle = (corners: number, [cx, cy]: Corner, random: () => number): Corner[] =>
    Array.from({ length: corners }, () => [cx + 18 * random() - 9, cy + 18 * random() - 9]);
  const comb = (corners: number, [cx, cy]: Corner): Corner[] =>
    Array.from({ length: corners }, (_, i) => [cx - 9 + (18 * i) / corners, cy + (i % 2 === 0 ? -9 : 9)]);
  const bundle = (corners: number, [cx, cy]: Corner, random: () => number): Corner[] =>
    Array.from({ length: corners }, (_, i) => [cx + (i % 2 === 0 ? -9 : 9), cy + 1e-3 * random()]);
  const shapes = { star, tangle, comb, bundle };

  test.each(Object.keys(shapes) as (keyof typeof shapes)[])(
    'a %s has the points that the ring has',
    (shape) => {
      const random = mulberry32(11);
      for (const origin of [
        [0, 0],
        [637290, 4851209],
      ] as const) {
        const corners = shapes[shape](600, origin, random);
        const exact = new Ring(corners);
        const grid = RingGrid.of(exact);
        const [cx, cy] = origin;
        // Many around the middle, so that cells are split again and again; and corners, middles of edges and
        // cells' borders.
        const asked = Array.from({ length: 6000 }, (_, i): Corner => {
          if (i % 10 === 0) return corners[(i / 10) % corners.length]!;
          const reach = [10, 1, 0.1, 0.001][i % 4]!;
          return [cx + (2 * random() - 1) * reach, cy + (2 * random() - 1) * reach];
        });
        for (const [x, y] of asked) expect(grid.contains(x, y), `${x}, ${y}`).toBe(exact.contains(x, y));
      }
    },
  );

  test.each(Object.keys(shapes) as (keyof typeof shapes)[])(
    'a %s meets what it touches, with the grid as without',
    (shape) => {
      const random = mulberry32(13);
      const corners = shapes[shape](400, [637290, 4851209], random);
      const [plain, ready] = [new Ring(corners), new Ring(corners)];
      expect(ready.gridFor(1_000_000)).not.toBeNull();
      let isSure = 0;
      for (let i = 0; i < 2000; i++) {
        const [x, y] = [637290 + 20 * random() - 10, 4851209 + 20 * random() - 10];
        const width = 4 * random() ** 4;
        const box = [
          [x, y],
          [x + width, y],
          [x, y + width],
          [x + width, y + width],
        ] as const;
        const touched = ready.touches(box, 0);
        // Only near misses may differ: the grid knows more of them to be none.
        if (!plain.touches(box, 0)) expect(touched).toBe(false);
        if (touched) continue;
        isSure += 1;
        const inside = ready.has(x, y);
        for (const [px, py] of box) expect(plain.contains(px, py)).toBe(inside);
        for (let k = 0; k < 5; k++)
          expect(plain.contains(x + random() * width, y + random() * width)).toBe(inside);
      }
      expect(isSure).toBeGreaterThan(20);
    },
  );
});
