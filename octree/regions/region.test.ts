import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Bounds, Vec3 } from '../geometry/index.ts';
import { belongs, grid, near, ORIGIN, regions } from '../testing/index.ts';
import { pointSet, type Region } from './region.ts';

const boxes: fc.Arbitrary<Bounds> = fc
  .tuple(near, grid(0, 5), grid(0, 5), grid(0, 5))
  .map(([min, x, y, z]) => ({
    min,
    max: [min[0] + x, min[1] + y, min[2] + z],
  }));

const isQuarterTurn = (region: Region) => region.type === 'box' && Math.abs(Math.sin(2 * region.yaw)) < 1e-9;

describe('regions', () => {
  test('hold the points that the contract says', () => {
    fc.assert(
      fc.property(regions, near, (region, [x, y, z]) => {
        // The brute force does not have exact quarter turns.
        if (isQuarterTurn(region)) return;
        expect(pointSet(region).contains(x, y, z)).toBe(belongs(region, { x, y, z }));
      }),
      { numRuns: 2000 },
    );
  });

  test('a node that holds a point of the region meets it; of one that is held, every point belongs', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        regions,
        boxes,
        fc.array(fc.tuple(share, share, share), { maxLength: 30 }),
        (region, box, shares) => {
          const set = pointSet(region);
          const corners = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => [i & 1, (i >> 1) & 1, i >> 2] as const);
          for (const where of [...corners, ...shares]) {
            const [x, y, z] = box.min.map((low, a) =>
              Math.min(low + where[a]! * (box.max[a]! - low), box.max[a]!),
            ) as unknown as Vec3;
            const inside = set.contains(x, y, z);
            if (inside) {
              expect(set.meets(box)).toBe(true);
              expect(x >= set.bounds.min[0] && x <= set.bounds.max[0]).toBe(true);
              expect(y >= set.bounds.min[1] && y <= set.bounds.max[1]).toBe(true);
              expect(z >= set.bounds.min[2] && z <= set.bounds.max[2]).toBe(true);
            } else {
              expect(set.holds(box)).toBe(false);
            }
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('the loop and the test of single points agree', () => {
    fc.assert(
      fc.property(regions, fc.array(near, { maxLength: 40 }), (region, points) => {
        const set = pointSet(region);
        const raw = (axis: 0 | 1 | 2) => Int32Array.from(points, (point) => (point[axis] - ORIGIN[axis]) * 8);
        const scale: Vec3 = [0.125, 0.125, 0.125];
        const columns = {
          count: points.length,
          x: raw(0),
          y: raw(1),
          z: raw(2),
          scale,
          offset: ORIGIN,
          bounds: null,
        };
        const out = new Int32Array(points.length + 3);
        const length = set.filter(columns, out, 3);
        const expected = points.flatMap((point, i) => (set.contains(...point) ? [i] : []));
        expect([...out.subarray(3, 3 + length)]).toEqual(expected);
      }),
    );
  });

  test.each<[string, Region, Vec3[], Vec3[]]>([
    [
      'a sphere',
      { type: 'sphere', center: [0, 0, 0], radius: 5 },
      [
        [3, 4, 0],
        [0, 0, -5],
      ],
      [
        [3, 4, 0.001],
        [5.0000001, 0, 0],
      ],
    ],
    ['a click', { type: 'click', position: [10, 0, 0] }, [[15, 0, 0]], [[15.000001, 0, 0]]],
    [
      'a turned box',
      { type: 'box', center: [100, 50, 0], size: [10, 4, 2], yaw: Math.PI / 2 },
      [
        [98, 55, 1],
        [102, 45, -1],
      ],
      [
        [98, 55.001, 0],
        [102.001, 50, 0],
        [100, 50, 1.001],
      ],
    ],
    [
      'a box of no size',
      { type: 'box', center: [1, 2, 3], size: [0, 0, 0], yaw: 0.7 },
      [[1, 2, 3]],
      [[1, 2, 3.001]],
    ],
    [
      'a lasso with a hole',
      {
        type: 'polygon',
        ring: [
          [0, 0],
          [9, 0],
          [9, 9],
          [0, 9],
          [0, 0],
          [3, 3],
          [6, 3],
          [6, 6],
          [3, 6],
          [3, 3],
        ],
      },
      [
        [1, 1, 1e9],
        [0, 5, 0],
        [9, 9, 0],
        [3, 4, 0],
      ],
      [
        [4, 4, 0],
        [-0.1, 5, 0],
      ],
    ],
    [
      'a lasso between heights',
      {
        type: 'polygon',
        ring: [
          [0, 0],
          [1, 0],
          [0, 1],
        ],
        z: [-1, 1],
      },
      [
        [0.2, 0.2, 1],
        [0.5, 0.5, -1],
      ],
      [[0.2, 0.2, 1.1]],
    ],
  ])('%s has its border', (_, region, inside, outside) => {
    const set = pointSet(region);
    for (const point of inside) expect(set.contains(...point), `${point}`).toBe(true);
    for (const point of outside) expect(set.contains(...point), `${point}`).toBe(false);
  });

  test('a click has the radius of the options', () => {
    expect(pointSet({ type: 'click', position: [0, 0, 0] }, { clickRadius: 2 }).contains(2.1, 0, 0)).toBe(
      false,
    );
  });

  test('a box turned by any finite angle is the one turned by the rest of it', () => {
    for (const yaw of [1e300, -1e300, 1e16, 12345.678]) {
      const turned = pointSet({ type: 'box', center: [0, 0, 0], size: [4, 2, 2], yaw });
      const rest = pointSet({
        type: 'box',
        center: [0, 0, 0],
        size: [4, 2, 2],
        yaw: Math.atan2(Math.sin(yaw), Math.cos(yaw)),
      });
      for (let x = -3; x <= 3; x += 0.3)
        for (let y = -3; y <= 3; y += 0.3) expect(turned.contains(x, y, 0)).toBe(rest.contains(x, y, 0));
    }
  });

  test.each<[string, Region]>([
    ['region.center.1', { type: 'sphere', center: [0, Number.NaN, 0], radius: 1 }],
    ['region.radius', { type: 'sphere', center: [0, 0, 0], radius: -1 }],
    ['region.radius', { type: 'sphere', center: [0, 0, 0], radius: 1e200 }],
    ['region.center.0', { type: 'sphere', center: [-1e13, 0, 0], radius: 1 }],
    ['region.size.0', { type: 'box', center: [0, 0, 0], size: [1e300, 1, 1], yaw: 0 }],
    ['region.yaw', { type: 'box', center: [0, 0, 0], size: [1, 1, 1], yaw: Number.POSITIVE_INFINITY }],
    ['region.size.2', { type: 'box', center: [0, 0, 0], size: [1, 1, -1], yaw: 0 }],
    [
      'region.ring',
      {
        type: 'polygon',
        ring: [
          [0, 0],
          [1, 1],
        ],
      },
    ],
    [
      'region.z',
      {
        type: 'polygon',
        ring: [
          [0, 0],
          [1, 1],
          [2, 0],
        ],
        z: [1, 0],
      },
    ],
  ])('refuses a wrong %s', (path, region) => {
    expect(() => pointSet(region)).toThrow(
      expect.objectContaining({ code: 'invalid_request', fields: [expect.objectContaining({ path })] }),
    );
  });
});
