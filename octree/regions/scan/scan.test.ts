/** The scanner finds the very points that the test of single points finds. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mulberry32 } from '../../../cache/foundation/index.ts';
import type { Vec3 } from '../../geometry/index.ts';
import { tightBounds } from '../../points/index.ts';
import { ORIGIN, regionKinds } from '../../testing/index.ts';
import type { NodeColumns } from '../point-set.ts';
import { pointSet, type Region } from '../region.ts';
import { Ring } from '../ring.ts';
import { RingGrid } from '../ring-grid.ts';
import { projectNode } from './projection.ts';
import { scanRing } from './ring-scan.ts';
import { copyAround } from './scanner.ts';

/** Two batches and a bit, no multiple of four. */
const COUNT = 4096 + 1023;

/**
 * Points in the cube of 2 * `half` metres around ORIGIN: on the grid that regions have their borders on, and
 * beside it.
 */
function pointsIn(seed: number, half: number, scale: number, offset: Vec3): NodeColumns {
  const random = mulberry32(seed);
  const step = half / 64;
  const axis = (middle: number, shift: number) =>
    Int32Array.from({ length: COUNT }, (_, i) => {
      const place = (random() * 2 - 1) * half;
      const rounded = i % 4 === 0 ? place : Math.round(place / step) * step;
      return Math.round((middle + rounded - shift) / scale);
    });
  const x = axis(ORIGIN[0], offset[0]);
  const y = axis(ORIGIN[1], offset[1]);
  const z = axis(ORIGIN[2], offset[2]);
  const scales: Vec3 = [scale, scale, scale];
  return { count: COUNT, x, y, z, scale: scales, offset, bounds: tightBounds(x, y, z, scales, offset) };
}

/** The same points as floats, which the scanner leaves to others. */
function asFloats({ x, y, z, scale, offset, count, bounds }: NodeColumns): NodeColumns {
  const axis = (raw: ArrayLike<number>, k: 0 | 1 | 2) =>
    Float64Array.from({ length: count }, (_, i) => raw[i]! * scale[k] + offset[k]);
  return { count, bounds, x: axis(x, 0), y: axis(y, 1), z: axis(z, 2), scale: [1, 1, 1], offset: [0, 0, 0] };
}

function found(region: Region, points: NodeColumns): number[] {
  const out = new Int32Array(points.count + 2);
  const length = pointSet(region).filter(points, out, 2);
  return [...out.subarray(2, 2 + length)];
}

function expected(region: Region, { x, y, z, scale, offset, count }: NodeColumns): number[] {
  const { contains } = pointSet(region);
  const at = (raw: ArrayLike<number>, i: number, k: 0 | 1 | 2) => raw[i]! * scale[k] + offset[k];
  return Array.from({ length: count }, (_, i) => i).filter((i) =>
    contains(at(x, i, 0), at(y, i, 1), at(z, i, 2)),
  );
}

/** A lasso and a frustum have as many corners as make the ring's grid worth it. */
const many = (region: Region): Region =>
  region.type === 'polygon' || region.type === 'frustum'
    ? { ...region, ring: region.ring.flatMap((corner) => [corner, corner, corner]) }
    : region;

const layouts = fc.record({
  half: fc.constantFrom(8, 64),
  scale: fc.constantFrom(1 / 64, 0.125, 0.001),
  offset: fc.constantFrom<Vec3>(ORIGIN, [0, 0, 0], [637000.37, 4850000.11, -3.3]),
  seed: fc.nat(),
});

describe.each([...Object.keys(regionKinds(ORIGIN, 8))] as Region['type'][])('points in a %s', (kind) => {
  test('are those that pass its test, in order, wherever the node lies', () => {
    fc.assert(
      fc.property(layouts, regionKinds(ORIGIN, 8)[kind], ({ seed, half, scale, offset }, region) => {
        const points = pointsIn(seed, half, scale, offset);
        const asked = many(region);
        const wanted = expected(region, points);
        expect(found(asked, points)).toEqual(wanted);
        expect(found(asked, asFloats(points))).toEqual(wanted);
      }),
      { numRuns: 150 },
    );
  });
});

/** From `eye`, along x, what lies up to 45 degrees to each side; times `factor`, which means the same. */
const view = ([x, y, z]: Vec3, factor = 1): number[] =>
  [0, 0, 1, 1, -1, 0, 0, 0, 0, 1, 0, 0, y, -z, -x - 0.5, -x].map((value) => value * factor);
const circle = (corners: number, radius: number) =>
  Array.from({ length: corners }, (_, i) => {
    const angle = (2 * Math.PI * (i + 0.3)) / corners;
    return [radius * Math.cos(angle), radius * Math.sin(angle)] as const;
  });

describe('a ring on the screen', () => {
  const eye: Vec3 = [ORIGIN[0] + 0.3, ORIGIN[1] + 0.7, ORIGIN[2] - 0.2];

  test('has the points around the eye as well, at any scale of the matrix', () => {
    const points = pointsIn(5, 8, 0.001, ORIGIN);
    const plain: Region = { type: 'frustum', viewProjection: view(eye), ring: circle(90, 0.6) };
    expect(expected(plain, points).length).toBeGreaterThan(100);
    const at = (factor: number) => ({ ...plain, viewProjection: view(eye, factor) });
    for (const factor of [1, 2 ** 100, 2 ** -100, 2 ** 600, 2 ** -600, 2 ** -1060])
      expect(found(at(factor), points), `${factor}`).toEqual(expected(at(factor), points));
  });

  test('leaves few points to float64', () => {
    const points = pointsIn(6, 8, 0.001, ORIGIN);
    const ring = new Ring(circle(90, 0.6));
    const [a, b, c, d] = [0, 1, 2, 3].map((row) => [0, 4, 8, 12].map((k) => view(eye)[k + row]!));
    const row = (values: number[]) => values as unknown as readonly [number, number, number, number];
    let asked = 0;
    const projection = {
      across: row(a!),
      up: row(b!),
      w: row(d!),
      limits: [
        [row(c!), row(d!)],
        [row(c!.map((value) => -value)), row(d!)],
      ],
    } as const;
    const ask = () => {
      asked++;
      return true;
    };
    const count = scanRing(points, projection, RingGrid.of(ring), ask, new Int32Array(COUNT), 0)!;
    expect(count).toBeGreaterThan(200);
    expect(asked).toBeLessThan(count / 10);
    expect(asked).toBeGreaterThan(0);
  });
});

test('float32 may take a point to the next cell, if no edge is near to there', () => {
  // Cells of a millimetre, 27 m from the middle of the node, where a float32 is some micrometres off; and an
  // edge just beside the border of two cells.
  const [x0, y0] = [ORIGIN[0] + 27, ORIGIN[1] + 27];
  const width = 0.2535;
  const edge = 0.09875 + 1e-7;
  const ring = [
    [0, 0],
    [edge, 0],
    [edge, width / 2],
    [width, width / 2],
    [width, width],
    [0, width],
  ].flatMap(([x, y]) => [0, 1].map(() => [x0 + x!, y0 + y!] as const));
  const scale: Vec3 = [1e-7, 1e-7, 1e-7];
  const random = mulberry32(9);
  const near = (place: number, reach: number) => (place + (random() * 2 - 1) * reach) * 1e7;
  const x = Int32Array.from({ length: COUNT }, () => near(27 + edge, 2e-5));
  const y = Int32Array.from({ length: COUNT }, () => near(27 + width / 4, width / 5));
  const z = new Int32Array(COUNT);
  for (const axis of [x, y]) axis.set([-30e7, 30e7]);
  const points = {
    count: COUNT,
    x,
    y,
    z,
    scale,
    offset: ORIGIN,
    bounds: tightBounds(x, y, z, scale, ORIGIN),
  };
  const flat = { across: [1, 0, 0, 0], up: [0, 1, 0, 0], w: null, limits: null } as const;
  expect(projectNode(flat, RingGrid.of(new Ring(ring)), points)).not.toBeNull();
  const region: Region = { type: 'polygon', ring };
  expect(found(region, points)).toEqual(expected(region, points));
});

describe('a node is left to float64', () => {
  const flat = { across: [1, 0, 0, 0], up: [0, 1, 0, 0], w: null, limits: null } as const;
  const gridAt = (width: number) =>
    RingGrid.of(new Ring(circle(9, width).map(([x, y]) => [x + ORIGIN[0], y + ORIGIN[1]] as const)));

  test.each<[string, RingGrid, NodeColumns]>([
    ['where the ring is as narrow as coordinates are exact', gridAt(1e-9), pointsIn(1, 8, 0.001, ORIGIN)],
    ['where the node is far larger than the ring', gridAt(0.001), pointsIn(1, 64, 0.001, ORIGIN)],
    ['where the scale is nothing', gridAt(5), { ...pointsIn(1, 8, 0.001, ORIGIN), scale: [0, 0, 0] }],
    ['where its integers are as large as 32 bits', gridAt(5), pointsIn(1, 8, 0.0025, [637290, 0, 0])],
    ['that has no bounds', gridAt(5), { ...pointsIn(1, 8, 0.001, ORIGIN), bounds: null }],
  ])('%s', (_, grid, points) => {
    expect(projectNode(flat, grid, points)).toBeNull();
  });

  test('but not an ordinary one', () => {
    expect(projectNode(flat, gridAt(5), pointsIn(1, 8, 0.001, ORIGIN))).not.toBeNull();
  });
});

test('points are copied out as float64 differences, rounded once', () => {
  const chosenOnes = (chance: number, seed: number) => {
    const random = mulberry32(seed);
    return Int32Array.from(Array.from({ length: COUNT }, (_, i) => i).filter(() => random() < chance));
  };
  fc.assert(
    fc.property(layouts, fc.constantFrom(0, 0.001, 0.3, 1, null), ({ seed, half, scale, offset }, chance) => {
      const points = pointsIn(seed, half, scale, offset);
      const chosen = chance === null ? null : chosenOnes(chance, seed);
      const count = chosen?.length ?? COUNT;
      const origin: Vec3 = [ORIGIN[0] + 0.1, ORIGIN[1] - 3.3, ORIGIN[2]];
      const out = new Float32Array(3 * count + 5).fill(7);
      expect(copyAround(points, chosen, origin, out, 3)).toBe(true);
      const wanted = Array.from({ length: count }, (_, k) =>
        [points.x, points.y, points.z].map((raw, axis) =>
          Math.fround(raw[chosen?.[k] ?? k]! * scale + offset[axis]! - origin[axis]!),
        ),
      );
      expect([...out]).toEqual([7, 7, 7, ...wanted.flat(), 7, 7]);
      expect(copyAround(asFloats(points), chosen, origin, out, 3)).toBe(false);
    }),
    { numRuns: 40 },
  );
});
