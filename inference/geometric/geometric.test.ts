import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isNearboxError } from '../../cache/foundation/index.ts';
import { axisAngle, type Box, iou3d, iouBev, toBoxFrame, type Vec3, wrapAngle } from '../boxes/index.ts';
import type { FitRequest, Hint } from '../fit/index.ts';
import { fitGeometric } from './index.ts';
import { carBlocks, scan } from './testing/index.ts';

const SENSOR: Vec3 = [0, 0, 1.8];

function request(points: ArrayLike<number>, hint: Hint, more: Partial<FitRequest> = {}): FitRequest {
  const positions = Float32Array.from(points);
  return {
    crop: { origin: [0, 0, 0], positions, count: positions.length / 3 },
    hint,
    class: null,
    size: null,
    sensor: SENSOR,
    others: [],
    ...more,
  };
}

const clickAt = (position: Vec3): Hint => ({ type: 'click', position, also: [] });
const car = (x: number, y: number, yaw: number, size: Vec3 = [4.4, 1.85, 1.55]): Box => ({
  center: [x, y, size[2] / 2],
  size,
  yaw,
});

/** A point of the scan on the box, the one nearest to the scanner. */
function seenPoint(points: Float32Array, box: Box): Vec3 {
  let best: Vec3 = box.center;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < points.length; i += 3) {
    const point: Vec3 = [points[i]!, points[i + 1]!, points[i + 2]!];
    const [u, v, w] = toBoxFrame(box, point);
    if (
      Math.abs(u) > box.size[0] / 2 + 0.05 ||
      Math.abs(v) > box.size[1] / 2 + 0.05 ||
      w < 0.3 - box.size[2] / 2
    )
      continue;
    const range = Math.hypot(...point);
    if (range < least) {
      least = range;
      best = point;
    }
  }
  return best;
}

describe('a click on a car', () => {
  it.each([
    [12, 4, 0.3],
    [20, -6, -1.2],
    [8, 9, 2.5],
    [28, 3, 1.5],
    [-15, 2, 0.05],
  ])('finds it at %d, %d turned by %d', (x, y, yaw) => {
    const truth = car(x, y, yaw);
    const points = scan({ blocks: carBlocks(truth) });
    const answer = fitGeometric(request(points, clickAt(seenPoint(points, truth))));
    expect(iou3d(answer.box, truth)).toBeGreaterThan(0.7);
    expect(axisAngle(answer.box.yaw, truth.yaw)).toBeLessThan(0.06);
    expect(answer.class).toBe('car');
    expect(answer.ground).toBeCloseTo(0, 1);
    expect(answer.box.center[2] - answer.box.size[2] / 2).toBeCloseTo(answer.ground!, 6);
    expect(answer.score).toBeGreaterThan(0.3);
  });

  it('stands on a slope', () => {
    const ground = { a: 0.05, b: -0.02, c: -3 };
    const level = car(15, 5, 0.8);
    const floor = ground.a * 15 + ground.b * 5 + ground.c;
    const truth: Box = { ...level, center: [15, 5, floor + level.size[2] / 2] };
    const points = scan({ blocks: carBlocks(truth), ground, sensor: [0, 0, -1.2] });
    const hint = clickAt(seenPoint(points, truth));
    const answer = fitGeometric(request(points, hint, { sensor: [0, 0, -1.2] }));
    expect(answer.box.center[2] - answer.box.size[2] / 2).toBeCloseTo(floor, 1);
    expect(iou3d(answer.box, truth)).toBeGreaterThan(0.65);
  });

  it('does not merge with parked neighbours, nor with a wall behind', () => {
    const row = [0, 1, 2].map((k) => car(14, -5 + 2.5 * k, 0.02));
    const wall: Box = { center: [18.5, 0, 1.5], size: [0.3, 30, 3], yaw: 0 };
    const points = scan({ blocks: [...row.flatMap(carBlocks), wall] });
    for (const truth of row) {
      const answer = fitGeometric(request(points, clickAt(seenPoint(points, truth))));
      expect(iouBev(answer.box, truth)).toBeGreaterThan(0.6);
    }
  });

  it('does without the place of the scanner', () => {
    const truth = car(12, 4, 0.6);
    const points = scan({ blocks: carBlocks(truth) });
    const answer = fitGeometric(request(points, clickAt(seenPoint(points, truth)), { sensor: null }));
    expect(iou3d(answer.box, truth)).toBeGreaterThan(0.6);
  });

  it('is the same twice, wherever the crop begins', () => {
    const truth = car(12, 4, 0.6);
    const points = scan({ blocks: carBlocks(truth) });
    const at = seenPoint(points, truth);
    const one = fitGeometric(request(points, clickAt(at)));
    expect(fitGeometric(request(points, clickAt(at)))).toEqual(one);
    const moved = points.map((value, k) => value - at[k % 3]!);
    const sensor: Vec3 = [-at[0], -at[1], SENSOR[2] - at[2]];
    const there = fitGeometric(request(moved, clickAt([0, 0, 0]), { sensor })).box;
    const back: Box = {
      ...there,
      center: [there.center[0] + at[0], there.center[1] + at[1], there.center[2] + at[2]],
    };
    expect(iou3d(back, one.box)).toBeGreaterThan(0.9);
  });
});

describe('what the annotator already said', () => {
  const truth = car(12, 4, 0.3);
  const points = scan({ blocks: carBlocks(truth) });
  const at = seenPoint(points, truth);

  it('keeps a fixed size exactly, against the sides that are seen', () => {
    const size: Vec3 = [4.4, 1.85, 1.55];
    const answer = fitGeometric(request(points, clickAt(at), { size }));
    expect(answer.box.size).toEqual(size);
    expect(iou3d(answer.box, truth)).toBeGreaterThan(0.8);
    const long = fitGeometric(request(points, clickAt(at), { size: [6, 2, 1.55] })).box;
    expect(long.size).toEqual([6, 2, 1.55]);
    // The near corner stays where it is seen; the extra length lies behind.
    const [u, v] = toBoxFrame(long, at);
    expect(Math.abs(Math.abs(u) - 3) < 0.3 || Math.abs(Math.abs(v) - 1) < 0.3).toBe(true);
  });

  it('keeps a given class', () => {
    for (const name of ['car', 'van', 'truck', 'pedestrian', 'other'] as const)
      expect(fitGeometric(request(points, clickAt(at), { class: name })).class).toBe(name);
  });

  it('leaves drawn boxes alone', () => {
    const next = car(12, 6.1, 0.3);
    const both = scan({ blocks: [...carBlocks(truth), ...carBlocks(next)] });
    const answer = fitGeometric(request(both, clickAt(seenPoint(both, next)), { others: [truth] }));
    expect(iouBev(answer.box, next)).toBeGreaterThan(0.6);
  });

  it('goes by further clicks', () => {
    // Two cars bumper to bumper: one body 8.9 m long.
    const front = car(16.45, 5, 0);
    const rear = car(12, 5, 0);
    const both = scan({ blocks: [...carBlocks(front), ...carBlocks(rear)] });
    const on: Vec3 = [11.5, 4.1, 0.8];
    const beside: Vec3 = [16.5, 4.1, 0.8];
    const hint: Hint = { type: 'click', position: on, also: [{ position: beside, inside: false }] };
    const answer = fitGeometric(request(both, hint)).box;
    const [u, v] = toBoxFrame(answer, beside);
    expect(Math.abs(u) < answer.size[0] / 2 && Math.abs(v) < answer.size[1] / 2).toBe(false);
    expect(iouBev(answer, rear)).toBeGreaterThan(0.6);
  });
});

describe('loose hints', () => {
  it('refines a loose box and keeps its heading', () => {
    const truth = car(12, 4, 0.3);
    const points = scan({ blocks: carBlocks(truth) });
    const loose: Box = { center: [12.3, 3.8, 0.9], size: [5, 1.6, 1.9], yaw: 0.3 + Math.PI + 0.3 };
    const answer = fitGeometric(request(points, { type: 'box', box: loose })).box;
    expect(iou3d(answer, truth)).toBeGreaterThan(iou3d(loose, truth));
    expect(iou3d(answer, truth)).toBeGreaterThan(0.7);
    expect(Math.abs(wrapAngle(answer.yaw - loose.yaw))).toBeLessThan(0.6);
  });

  it('looks only inside a sphere', () => {
    const truth = car(12, 4, 0.3);
    const blocks = [...carBlocks(truth), { center: [12, 8, 1] as Vec3, size: [8, 0.3, 2] as Vec3, yaw: 0.3 }];
    const points = scan({ blocks });
    const answer = fitGeometric(request(points, { type: 'sphere', center: [12, 4, 0.8], radius: 2.8 }));
    expect(iou3d(answer.box, truth)).toBeGreaterThan(0.6);
  });

  it('gives a loose box back where nothing stands', () => {
    const points = scan({ blocks: [] });
    const loose: Box = { center: [12, 4, 0.8], size: [4, 2, 1.6], yaw: 1 };
    const answer = fitGeometric(request(points, { type: 'box', box: loose }));
    expect(answer.box.size).toEqual(loose.size);
    expect(answer.score).toBeLessThanOrEqual(0.2);
  });
});

describe('other classes', () => {
  it('takes a post of a person’s size for a pedestrian', () => {
    const person: Box = { center: [9, 3, 0.88], size: [0.6, 0.5, 1.76], yaw: 0 };
    const points = scan({ blocks: [person] });
    const answer = fitGeometric(request(points, clickAt([8.7, 2.9, 1.1])));
    expect(answer.class).toBe('pedestrian');
    expect(iou3d(answer.box, person)).toBeGreaterThan(0.4);
  });

  it('takes a long high block for a truck or a bus', () => {
    const lorry: Box = { center: [15, 6, 1.6], size: [9, 2.5, 3.2], yaw: 0.2 };
    const points = scan({ blocks: [lorry] });
    const answer = fitGeometric(request(points, clickAt(seenPoint(points, lorry))));
    expect(['truck', 'bus']).toContain(answer.class);
    expect(iou3d(answer.box, lorry)).toBeGreaterThan(0.7);
  });
});

describe('degenerate input', () => {
  const sane = (answer: { box: Box; score: number }) => {
    for (const value of [...answer.box.center, ...answer.box.size, answer.box.yaw, answer.score])
      expect(Number.isFinite(value)).toBe(true);
    for (const size of answer.box.size) {
      expect(size).toBeGreaterThan(0.05);
      expect(size).toBeLessThan(20);
    }
    expect(answer.score).toBeGreaterThanOrEqual(0);
    expect(answer.score).toBeLessThanOrEqual(1);
    expect(answer.box.yaw).toBeGreaterThan(-Math.PI);
    expect(answer.box.yaw).toBeLessThanOrEqual(Math.PI);
  };
  const hints: Hint[] = [
    clickAt([5, 5, 0]),
    { type: 'sphere', center: [5, 5, 0], radius: 3 },
    { type: 'box', box: { center: [5, 5, 0], size: [4, 2, 1.5], yaw: 9 } },
  ];
  const clouds: [string, number[]][] = [
    ['one point', [5, 5, 0]],
    ['all points equal', Array.from({ length: 300 }, () => [5, 5, 0.5]).flat()],
    ['a line', Array.from({ length: 100 }, (_, k) => [5 + k * 0.02, 5, 0.5]).flat()],
    ['a pole', Array.from({ length: 100 }, (_, k) => [5, 5, k * 0.03]).flat()],
    ['NaN among them', [Number.NaN, 5, 0, 5, 5, 1, 5.1, Number.POSITIVE_INFINITY, 1, 5.2, 5.1, 0.3]],
    [
      'nothing above the ground',
      Array.from({ length: 400 }, (_, k) => [k % 20, Math.floor(k / 20), 0]).flat(),
    ],
  ];
  it.each(clouds)('answers %s with a sane box', (_name, points) => {
    for (const hint of hints)
      for (const sensor of [SENSOR, null, [5, 5, 0.5] as Vec3])
        sane(fitGeometric(request(points, hint, { sensor })));
  });

  it('refuses a crop without a usable point', () => {
    for (const points of [[], [Number.NaN, 1, 1], [500, 500, 0]]) {
      let caught: unknown;
      try {
        fitGeometric(request(points, clickAt([0, 0, 0])));
      } catch (error) {
        caught = error;
      }
      expect(isNearboxError(caught, 'region_empty')).toBe(true);
    }
  });

  it('answers any few points', () => {
    const point = fc.tuple(
      fc.double({ min: -6, max: 6, noNaN: true }),
      fc.double({ min: -6, max: 6, noNaN: true }),
      fc.double({ min: -2, max: 3, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 60 }), point, (points, at) => {
        sane(fitGeometric(request(points.flat(), clickAt(at), { sensor: [-20, 3, 1] })));
      }),
      { numRuns: 60 },
    );
  });
});
