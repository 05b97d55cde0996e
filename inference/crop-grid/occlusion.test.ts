import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Box, Vec3 } from '../boxes/index.ts';
import type { GroundPlane } from '../ground/index.ts';
import { BOX_OCCLUSION, CLICK_OCCLUSION, CropGrid } from './crop-grid.ts';

interface View {
  readonly positions: Float32Array;
  readonly count: number;
  readonly sensor: Vec3 | null;
  readonly ground: GroundPlane | null;
}

const grid = new CropGrid();
function occlusionOfBox({ positions, count, sensor: from, ground }: View, about: Box): Float32Array {
  grid.load(positions, count);
  return grid.boxOcclusion(about, from, ground).slice();
}
function occlusionOfClick({ positions, count, sensor: from, ground }: View, click: Vec3): Float32Array {
  grid.load(positions, count);
  return grid.clickOcclusion(click, from, ground).slice();
}

const box: Box = { center: [20, 0, 0.75], size: [4, 2, 1.5], yaw: 0 };
const sensor: Vec3 = [0, 0, 1.8];
const flat = { a: 0, b: 0, c: 0 };

/** A wall across the way, `from` to `to` along y, at x; up to the height of a car there. */
function wall(x: number, from: number, to: number, yaw = 0): number[] {
  const points: number[] = [];
  for (let y = from; y <= to; y += 0.05)
    for (let z = 0.05; z < 3; z += 0.05)
      points.push(x * Math.cos(yaw) - y * Math.sin(yaw), x * Math.sin(yaw) + y * Math.cos(yaw), z);
  return points;
}

const view = (points: readonly number[]) => ({
  positions: Float32Array.from(points),
  count: points.length / 3,
  sensor,
  ground: flat,
});
const see = (points: readonly number[], about = box) => occlusionOfBox(view(points), about);
/**
 * [hidden, free] of a place: step along (-1.2, -1, -.8, -.6, .6, .8, 1, 1.2 half lengths) and across (right,
 * middle, left).
 */
const at = (values: Float32Array, along: number, across: number) => [
  values[2 * (3 * along + across)],
  values[2 * (3 * along + across) + 1],
];

describe('boxOcclusion', () => {
  it('says what a wall before the box hides, and no more', () => {
    const values = see(wall(12, 0.15, 3));
    expect(at(values, 1, 2)).toEqual([1, 0]);
    expect(at(values, 6, 2)).toEqual([1, 0]);
    expect(at(values, 1, 0)).toEqual([0, 0]);
  });

  it('says where rays go through to a wall behind it', () => {
    const values = see(wall(26, -3, -0.2));
    // What goes over the near end lower than half a metre meets the ground before the wall.
    expect(at(values, 1, 0)).toEqual([0, 0.75]);
    expect(at(values, 7, 0)).toEqual([0, 1]);
    expect(at(values, 1, 2)).toEqual([0, 0]);
  });

  it('takes the ground behind a place for a ray that went over it low', () => {
    // Seen from 1.8 m, the ground at 24 m is behind what stands 0.45 m high at 18 m.
    const ground: number[] = [];
    for (let y = -2; y <= 2; y += 0.05) ground.push(24, y, 0);
    expect(at(see(ground), 1, 1)).toEqual([0, 0.25]);
  });

  it('does not count what the box itself hides', () => {
    expect([...see(wall(18.1, -1, 1))].every((value) => value === 0)).toBe(true);
  });

  it('knows nothing where the scanner or the ground is unknown', () => {
    const seen = view(wall(12, -3, 3));
    for (const values of [
      occlusionOfBox({ ...seen, sensor: null }, box),
      occlusionOfBox({ ...seen, ground: null }, box),
      occlusionOfBox(seen, { ...box, center: [0.2, 0, 0] }),
    ]) {
      expect(values).toHaveLength(BOX_OCCLUSION);
      expect([...values].every((value) => value === 0)).toBe(true);
    }
  });

  it('is the same from wherever it is looked at, but for points on the edge of a line of sight', () => {
    fc.assert(
      fc.property(fc.double({ min: -3, max: 3, noNaN: true }), (turn) => {
        const c = Math.cos(turn);
        const s = Math.sin(turn);
        const turned: Box = { ...box, center: [20 * c, 20 * s, 0.75], yaw: turn };
        const still = see([...wall(12, 0.15, 3), ...wall(26, -3, -0.2)]);
        const moved = see([...wall(12, 0.15, 3, turn), ...wall(26, -3, -0.2, turn)], turned);
        const differing = still.filter((value, k) => Math.abs(value - moved[k]!) > 1e-6).length;
        expect(differing).toBeLessThanOrEqual(4);
      }),
      { numRuns: 50 },
    );
  });

  it('bears points that are not finite', () => {
    for (const value of see([Number.NaN, 0, 0, Number.POSITIVE_INFINITY, 0, 0, 12, 0, Number.NaN]))
      expect(value).toBe(0);
  });
});

/** The same, every point against every place: as `training/kernels/occlusion.c` has it. */
function onePlaceAtATime(points: readonly number[], [cx, cy]: readonly [number, number]): number[] {
  const [ux, uy] = [cx / Math.hypot(cx, cy), cy / Math.hypot(cx, cy)];
  const values: number[] = [];
  for (const u of [-1.5, 0, 1.5, 3, 4.5, 6])
    for (const v of [-2.5, -1.2, 0, 1.2, 2.5]) {
      const [x, y] = [cx + u * ux - v * uy, cy + u * uy + v * ux];
      const far = Math.hypot(x, y);
      const levels = [new Set<number>(), new Set<number>()];
      for (let i = 0; i < points.length; i += 3) {
        const [px, py, h] = points.slice(i, i + 3) as [number, number, number];
        const along = px * ux + py * uy;
        if (along < 1 || Math.abs(px * uy - py * ux) > (3.9 * along) / Math.hypot(cx, cy) + 0.2) continue;
        if (Math.hypot(px - cx, py - cy) > 12 || h <= -0.5 || h >= 5) continue;
        const a = (px * x + py * y) / far;
        if (a < 1 || Math.abs(px * y - py * x) / far > 0.1 + 0.004 * a || Math.abs(a - far) <= 0.5) continue;
        const level = Math.floor((1.8 + ((h - 1.8) * far) / a - 0.2) / 0.3);
        if (level >= 0 && level < 4) levels[a < far ? 0 : 1]!.add(level);
      }
      values.push(levels[0]!.size / 4, levels[1]!.size / 4);
    }
  return values;
}

describe('clickOcclusion', () => {
  it('finds what every point held against every place finds', () => {
    const near = fc.double({ min: -13, max: 13, noNaN: true });
    const point = fc.tuple(near, near, fc.double({ min: -1, max: 3, noNaN: true }));
    const place = fc.double({ min: 1, max: 40, noNaN: true });
    fc.assert(
      fc.property(place, place, fc.array(point, { minLength: 50, maxLength: 400 }), (cx, cy, around) => {
        const points = around.flatMap(([x, y, z]) => [
          Math.fround(cx + x),
          Math.fround(cy + y),
          Math.fround(z),
        ]);
        expect([...occlusionOfClick(view(points), [cx, cy, 1])]).toEqual(onePlaceAtATime(points, [cx, cy]));
      }),
      { numRuns: 300 },
    );
  });

  /**
   * Along: -1.5, 0, 1.5, 3, 4.5, 6 m away from the scanner; across: -2.5, -1.2, 0, 1.2, 2.5 m to the left.
   */
  const about = (points: readonly number[], along: number, across: number) => {
    const values = occlusionOfClick(view(points), [20, 0, 1]);
    return [values[2 * (5 * along + across)], values[2 * (5 * along + across) + 1]];
  };

  it('says what stands before a place, the clicked thing included, and what is free', () => {
    const thing = wall(20, -0.8, 0.8);
    expect(about(thing, 2, 2)).toEqual([1, 0]);
    expect(about(thing, 2, 4)).toEqual([0, 0]);
    expect(about([...thing, ...wall(25, 1, 4)], 1, 4)).toEqual([0, 1]);
  });

  it('knows nothing where the scanner is unknown', () => {
    const values = occlusionOfClick({ ...view(wall(12, -3, 3)), sensor: null }, [20, 0, 1]);
    expect(values).toHaveLength(CLICK_OCCLUSION);
    expect([...values].every((value) => value === 0)).toBe(true);
  });
});
