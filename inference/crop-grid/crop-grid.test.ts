import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Box, Vec3 } from '../boxes/index.ts';
import type { SideClick } from '../fit/index.ts';
import { estimateGround } from '../ground/index.ts';
import { CropGrid } from './crop-grid.ts';
import {
  occlusionOfBox,
  occlusionOfClick,
  proposeRowsByWalk,
  refineRowsByWalk,
  Sampler,
  type Surroundings,
} from './testing/index.ts';

/** Numbers from 0 to 1, the same for the same seed. */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

interface Scene {
  readonly positions: Float32Array;
  readonly count: number;
}

/**
 * A sloping ground, a body in the middle and things about it, up to 17 m away; some of the points on a grid,
 * so that heights are equal.
 */
function scene(count: number, seed: number, isRounded: boolean): Scene {
  const random = numbers(seed);
  const slope = (random() - 0.5) * 0.2;
  const positions = new Float32Array(3 * count);
  for (let i = 0; i < count; i++) {
    const kind = random();
    const reach = kind < 0.5 ? 17 : kind < 0.8 ? 2.5 : 9;
    let x = (random() * 2 - 1) * reach;
    let y = (random() * 2 - 1) * reach;
    let z = kind < 0.5 ? slope * x - 1 + random() * 0.05 : random() * 3 - 1;
    if (isRounded) [x, y, z] = [Math.round(x * 20) / 20, Math.round(y * 20) / 20, Math.round(z * 20) / 20];
    positions.set([x, y, z], 3 * i);
  }
  return { positions, count };
}

/** Values that break the rules: not finite, far out, a hair beside 0. */
const odd = fc.constantFrom(
  Number.NaN,
  Number.POSITIVE_INFINITY,
  3e38,
  -5e6,
  2.5e6,
  1e-12,
  -1e-12,
  -1e-30,
  0,
  -0,
);

const scenes = fc
  .record({
    count: fc.oneof(fc.nat(60), fc.nat(4000), fc.constantFrom(20_000)),
    seed: fc.nat(),
    isRounded: fc.boolean(),
    odds: fc.array(fc.tuple(fc.nat(), odd), { maxLength: 6 }),
  })
  .map(({ count, seed, isRounded, odds }) => {
    const made = scene(count, seed, isRounded);
    for (const [at, value] of odds) if (count > 0) made.positions[at % (3 * count)] = value;
    return made;
  });

const metres = (reach: number) => fc.double({ min: -reach, max: reach, noNaN: true });
const places: fc.Arbitrary<Vec3> = fc.oneof(
  fc.constant<Vec3>([0, 0, 0]),
  fc.tuple(metres(3), metres(3), metres(1)),
  fc.tuple(metres(40), metres(40), metres(1)),
);
const boxes: fc.Arbitrary<Box> = fc.record({
  center: places,
  size: fc.tuple(
    fc.double({ min: 0.1, max: 20, noNaN: true }),
    fc.double({ min: 0.1, max: 4, noNaN: true }),
    fc.double({ min: 0.1, max: 4, noNaN: true }),
  ),
  yaw: metres(7),
});
const clicks: fc.Arbitrary<SideClick[]> = fc.array(fc.record({ position: places, inside: fc.boolean() }), {
  maxLength: 3,
});
const sensors: fc.Arbitrary<Vec3 | null> = fc.oneof(
  fc.constant(null),
  fc.tuple(metres(50), metres(50), metres(2)),
  fc.tuple(metres(3), metres(3), metres(2)),
);
const others = fc.array(boxes, { maxLength: 3 });
const limits = fc.constantFrom(64, 128, 256);

/** The same numbers; only the sign of a zero may differ. */
function expectSame(found: ArrayLike<number>, wanted: ArrayLike<number>): void {
  const plain = (values: ArrayLike<number>) => Array.from(values, (value) => value + 0);
  expect(plain(found)).toEqual(plain(wanted));
}

const grid = new CropGrid();
const sampler = new Sampler();

describe('the grid answers as a walk over all points does, bit for bit:', () => {
  it('the ground', () => {
    fc.assert(
      fc.property(scenes, places, ({ positions, count }, [x, y]) => {
        grid.load(positions, count);
        const [found, wanted] = [grid.estimateGround([x, y]), estimateGround(positions, count, [x, y])];
        expect(found === null).toBe(wanted === null);
        if (found !== null && wanted !== null)
          expectSame([found.a, found.b, found.c], [wanted.a, wanted.b, wanted.c]);
      }),
      { numRuns: 150 },
    );
  });

  it('the rows of a proposal', () => {
    fc.assert(
      fc.property(
        scenes,
        places,
        clicks,
        others,
        metres(4),
        limits,
        (crop, click, also, drawn, turn, most) => {
          const { positions, count } = crop;
          const ground = estimateGround(positions, count, [click[0], click[1]]);
          const question: Surroundings = { ...crop, ground, clicks: also, others: drawn };
          const wanted = proposeRowsByWalk(question, click, turn, most, sampler);
          grid.load(positions, count);
          grid.exclude(drawn);
          const found = grid.proposeRows(click, turn, ground, also, most);
          expect([found.rows, found.used]).toEqual([wanted.rows, wanted.used]);
          expectSame(found.index, wanted.index);
          expectSame(found.points, wanted.points);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('the rows of a refinement, of several boxes in turn', () => {
    const asked = fc.array(fc.tuple(boxes, others), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(scenes, asked, clicks, limits, (crop, questions, also, most) => {
        const { positions, count } = crop;
        const ground = estimateGround(positions, count, [0, 0]);
        grid.load(positions, count);
        for (const [box, drawn] of questions) {
          const question: Surroundings = { ...crop, ground, clicks: also, others: drawn };
          const wanted = refineRowsByWalk(question, box, most, sampler);
          grid.exclude(drawn);
          const found = grid.refineRows(box, ground, also, most);
          expect([found.rows, found.used]).toEqual([wanted.rows, wanted.used]);
          expectSame(found.index, wanted.index);
          expectSame(found.points, wanted.points);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('what is hidden about a click or a box', () => {
    fc.assert(
      fc.property(scenes, places, boxes, sensors, ({ positions, count }, click, box, sensor) => {
        const ground = estimateGround(positions, count, [0, 0]);
        const view = { positions, count, sensor, ground };
        grid.load(positions, count);
        expectSame(grid.clickOcclusion(click, sensor, ground), occlusionOfClick(view, click));
        expectSame(grid.boxOcclusion(box, sensor, ground), occlusionOfBox(view, box));
      }),
      { numRuns: 150 },
    );
  });

  it('how many points are near a place', () => {
    fc.assert(
      fc.property(scenes, places, metres(2), ({ positions, count }, [x, y, z], floor) => {
        grid.load(positions, count);
        let near = 0;
        for (let i = 0; i < 3 * count; i += 3) {
          const [dx, dy, dz] = [positions[i]! - x, positions[i + 1]! - y, positions[i + 2]! - z];
          if (dx * dx + dy * dy + dz * dz <= 2.25 && positions[i + 2]! > floor) near++;
        }
        expect(grid.countNear([x, y, z], 1.5, floor)).toBe(near);
      }),
      { numRuns: 150 },
    );
  });
});

describe('a sample of many points', () => {
  // More than the 65,536 voxels that a sample may have, and more than one instance has room for at first.
  it('is the same where voxels run out, and afterwards', () => {
    const crop = scene(150_000, 7, false);
    const { positions, count } = crop;
    const ground = estimateGround(positions, count, [0, 0]);
    const question: Surroundings = { ...crop, ground, clicks: [], others: [] };
    grid.load(positions, count);
    const click: Vec3 = [0.2, 0.1, 0];
    const wanted = proposeRowsByWalk(question, click, 0, 256, sampler);
    expectSame(grid.proposeRows(click, 0, ground, [], 256).points, wanted.points);
    const few = scene(300, 8, false);
    grid.load(few.positions, few.count);
    expect(grid.estimateGround([0, 0])).toEqual(estimateGround(few.positions, few.count, [0, 0]));
  });

  it('is the same where one piece has an odd coordinate, and pauses after each piece', () => {
    const crop = scene(150_001, 9, true);
    const { positions, count } = crop;
    positions[1] = -1e-12;
    // Three pieces are copied, sorted by cell, and placed.
    expect([...grid.loading(positions, count)]).toHaveLength(9);
    const ground = estimateGround(positions, count, [0, 0]);
    const question: Surroundings = { ...crop, ground, clicks: [], others: [] };
    const wanted = proposeRowsByWalk(question, [0, 0, 0], 0, 256, sampler);
    const found = grid.proposeRows([0, 0, 0], 0, ground, [], 256);
    expectSame(found.index, wanted.index);
    expectSame(found.points, wanted.points);
  });

  it('is the same where all hashes are equal', () => {
    const positions = new Float32Array(3 * 3000).fill(0.5);
    const question: Surroundings = { positions, count: 3000, ground: null, clicks: [], others: [] };
    grid.load(positions, 3000);
    const wanted = proposeRowsByWalk(question, [0, 0, 0], 0, 256, sampler);
    const found = grid.proposeRows([0, 0, 0], 0, null, [], 256);
    expectSame(found.index, wanted.index);
  });
});

describe('an instance', () => {
  it('is kept for the next crop unless a large one made it grow', () => {
    const one = new CropGrid();
    const crop = scene(20_000, 3, false);
    one.load(crop.positions, crop.count);
    expect(one.isReusable).toBe(true);
    const large = scene(2_000_000, 3, false);
    one.load(large.positions, large.count);
    expect(one.isReusable).toBe(false);
  });

  it('takes as many points as it is told, not as many as the array has', () => {
    const crop = scene(500, 5, false);
    grid.load(crop.positions, 200);
    expect(grid.estimateGround([0, 0])).toEqual(estimateGround(crop.positions, 200, [0, 0]));
  });
});
