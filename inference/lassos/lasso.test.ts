import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../cache/foundation/index.ts';
import { type Box, convexHull, corners, insideTest, smallestRectangle, type Vec2 } from '../boxes/index.ts';
import { drawFrustum, drawPolygon } from '../evaluation/index.ts';
import { findInLasso } from './lasso.ts';
import { readLasso } from './lasso-hint.ts';

/** Points on the walls and roof of a box that stands on the ground, every 0.15 m. */
function surface({ center, size, yaw }: Box): number[] {
  const points: number[] = [];
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  const put = (u: number, v: number, z: number) =>
    points.push(center[0] + u * c - v * s, center[1] + u * s + v * c, center[2] + z);
  const [l, w, h] = [size[0] / 2, size[1] / 2, size[2] / 2];
  for (let z = -h; z <= h; z += 0.15) {
    for (let u = -l; u <= l; u += 0.15) put(u, -w, z);
    for (let v = -w; v <= w; v += 0.15) put(-l, v, z);
  }
  for (let u = -l; u <= l; u += 0.15) for (let v = -w; v <= w; v += 0.15) put(u, v, h);
  return points;
}

function ground(reach: number): number[] {
  const points: number[] = [];
  for (let x = -reach; x <= reach; x += 0.4)
    for (let y = -reach; y <= reach; y += 0.4) points.push(x, y, 0.02);
  return points;
}

const car: Box = { center: [0, 0, 0.75], size: [4.2, 1.8, 1.5], yaw: 0.4 };

describe('findInLasso', () => {
  it('is on the object, whatever ground and slivers of neighbours are in the lasso', () => {
    const neighbour = surface({ ...car, center: [1.2, 2.7, 0.75] });
    const sliver: number[] = [];
    for (let i = 0; i < neighbour.length; i += 3)
      if (neighbour[i + 1]! < 2.0) sliver.push(...neighbour.slice(i, i + 3));
    const positions = Float32Array.from([...ground(3), ...surface(car), ...sliver]);
    const found = findInLasso(positions, positions.length / 3, null)!;
    expect(insideTest(car, 0.05)(...(found.click as [number, number, number]))).toBe(true);
  });

  it('takes the nearest of what fills much of the screen, not a crumb before it', () => {
    const look = (x: number, y: number, z: number) => [y, z, x] as const;
    const near: Box = { ...car, center: [-8, 0, 0.75] };
    const crumb = [-14, 0, 0.6, -14, 0.02, 0.62];
    const positions = Float32Array.from([...surface(car), ...surface(near), ...crumb]);
    const found = findInLasso(positions, positions.length / 3, look)!;
    expect(insideTest(near, 0.05)(...(found.click as [number, number, number]))).toBe(true);
  });

  it('takes the ground where there is nothing else, and says so where there is nothing at all', () => {
    const flat = Float32Array.from(ground(1));
    expect(findInLasso(flat, flat.length / 3, null)!.click[2]).toBeCloseTo(0.02, 5);
    expect(findInLasso(new Float32Array(), 0, null)).toBeNull();
    expect(findInLasso(Float32Array.of(Number.NaN, 0, 0), 1, null)).toBeNull();
  });

  it('answers with a point of the lasso and a box round it for any points', () => {
    const value = fc.float({ min: -100, max: 100, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 60 }), (points) => {
        const positions = Float32Array.from(points.flat());
        const { click, around } = findInLasso(positions, points.length, null)!;
        expect(points.some((p) => p.every((v, k) => Math.fround(v) === click[k]))).toBe(true);
        expect(insideTest(around, 0.01)(...(click as [number, number, number]))).toBe(true);
        expect(around.size.every((side) => side > 0)).toBe(true);
      }),
    );
  });

  it('looks at a million points in bounded time and memory', () => {
    const positions = new Float32Array(3e6);
    for (let i = 0; i < positions.length; i++) positions[i] = ((i * 7919) % 2000) / 100;
    expect(findInLasso(positions, 1e6, null)).not.toBeNull();
  });
});

describe('readLasso', () => {
  const points = Float64Array.from([...ground(3), ...surface(car)]);
  const view = (shift: readonly [number, number, number]) => ({
    cloud: { bounds: { min: shift, max: shift } } as never,
    cropInSlices: async (_region: unknown, origin: readonly number[]) => ({
      positions: Float32Array.from(points, (v, i) => v + shift[i % 3]! - origin[i % 3]!),
      count: points.length / 3,
    }),
  });

  it('is the same wherever the cloud lies, and has the outline of a polygon without its margin', async () => {
    const ringAt = (x: number, y: number) =>
      corners({ ...car, size: [4.2 * 1.25, 1.8 * 1.25, 1.5] })
        .slice(0, 4)
        .map(([cx, cy]): Vec2 => [cx + x, cy + y]);
    const here = (await readLasso(view([0, 0, 0]), { type: 'polygon', ring: ringAt(0, 0) }))!;
    const far = [500_000, 4_200_000, 100] as const;
    const there = (await readLasso(view(far), { type: 'polygon', ring: ringAt(far[0], far[1]) }))!;
    for (let k = 0; k < 3; k++) expect(there.origin[k]! - far[k]!).toBeCloseTo(here.origin[k]!, 2);
    const { outline } = here.hint;
    expect(outline!.size[0]).toBeCloseTo(4.2, 6);
    expect(outline!.size[1]).toBeCloseTo(1.8, 6);
    expect(Math.abs(outline!.yaw)).toBeCloseTo(0.4, 6);
    expect(outline!.center[0] + here.origin[0]).toBeCloseTo(0, 2);
    expect(here.count).toBe(points.length / 3);
  });

  it('has no outline on the screen, nor of what is too large for an object', async () => {
    const wide: Vec2[] = [
      [-30, -30],
      [30, -30],
      [30, 30],
      [-30, 30],
    ];
    expect((await readLasso(view([0, 0, 0]), { type: 'polygon', ring: wide }))!.hint.outline).toBeNull();
    const screen = drawFrustum(car, [-20, 0], mulberry32(1));
    expect((await readLasso(view([0, 0, 0]), screen))!.hint.outline).toBeNull();
  });
});

describe('smallestRectangle', () => {
  it('finds a turned rectangle again, its longer side as the length', () => {
    const range = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    fc.assert(
      fc.property(range(0.5, 9), range(0.1, 0.45), range(-3, 3), range(-50, 50), (length, width, yaw, x) => {
        const box: Box = { center: [x, -x, 0], size: [length, width, 1], yaw };
        const found = smallestRectangle(corners(box).map(([cx, cy]): Vec2 => [cx, cy]));
        expect(found.length).toBeCloseTo(length, 6);
        expect(found.width).toBeCloseTo(width, 6);
        expect(Math.abs(Math.sin(found.yaw - yaw))).toBeLessThan(1e-6);
        expect(found.center[0]).toBeCloseTo(x, 6);
      }),
    );
  });

  it('is as small as the smallest of all rectangles on a side of the hull', () => {
    const point = fc.tuple(fc.integer({ min: -40, max: 40 }), fc.integer({ min: -40, max: 40 }));
    const points = fc.array(
      point.map(([x, y]): Vec2 => [x / 8, y / 8]),
      { minLength: 3, maxLength: 40 },
    );
    fc.assert(
      fc.property(points, fc.double({ min: -3, max: 3, noNaN: true }), (flat, yaw) => {
        const turned = flat.map(
          ([x, y]): Vec2 => [x * Math.cos(yaw) - y * Math.sin(yaw), x * Math.sin(yaw) + y * Math.cos(yaw)],
        );
        const hull = convexHull(turned);
        const areas = hull.map(([ax, ay], i) => {
          const [bx, by] = hull[(i + 1) % hull.length]!;
          const side = Math.hypot(bx - ax, by - ay) || 1;
          const [c, s] = [(bx - ax) / side, (by - ay) / side];
          const span = (of: (p: Vec2) => number) => Math.max(...turned.map(of)) - Math.min(...turned.map(of));
          return span(([x, y]) => x * c + y * s) * span(([x, y]) => y * c - x * s);
        });
        const found = smallestRectangle(turned);
        expect(found.length * found.width).toBeCloseTo(Math.min(...areas), 6);
        for (const [x, y] of turned) {
          const [dx, dy] = [x - found.center[0], y - found.center[1]];
          const [c, s] = [Math.cos(found.yaw), Math.sin(found.yaw)];
          expect(Math.abs(dx * c + dy * s)).toBeLessThan(found.length / 2 + 1e-6);
          expect(Math.abs(dy * c - dx * s)).toBeLessThan(found.width / 2 + 1e-6);
        }
      }),
    );
  });

  it('takes points and lines too', () => {
    expect(smallestRectangle([[1, 2]])).toMatchObject({ center: [1, 2], length: 0, width: 0 });
    expect(
      smallestRectangle([
        [0, 0],
        [3, 4],
        [1.5, 2],
      ]).length,
    ).toBeCloseTo(5, 9);
    expect(
      convexHull([
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
        [0.5, 0.5],
      ]).length,
    ).toBe(4);
  });
});

describe('drawn lassos', () => {
  it('hold the corners of the object with room to spare, from above and on the screen', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const ring = drawPolygon(car, mulberry32(seed)).ring;
      const { length, width } = smallestRectangle(ring);
      expect(length * width).toBeGreaterThan(4.2 * 1.8 * 1.1);
      expect(length * width).toBeLessThan(4.2 * 1.8 * 3.5);
      const screen = drawFrustum(car, [-20, 5], mulberry32(seed));
      expect(screen.viewProjection.every(Number.isFinite)).toBe(true);
      expect(screen.ring.every(([x, y]) => Math.abs(x) < 2 && Math.abs(y) < 2)).toBe(true);
    }
  });
});
