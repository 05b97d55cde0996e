/**
 * The predictor over a fake reader: what it reads for a lasso, and what it does when the cloud changes in
 * between.
 */
import { describe, expect, it } from 'vitest';
import { isNearboxError, NearboxError } from '../../cache/index.ts';
import { deferred } from '../../cache/testing/index.ts';
import type { CloudReader, Region } from '../../octree/index.ts';
import type { FitEngine } from '../engine/index.ts';
import type { FitRequest } from '../fit/index.ts';
import { Predictor } from './predictor.ts';
import { DEFAULT_QUESTION, type Question } from './question.ts';

const RING = [
  [-3, -2],
  [3, -2],
  [3, 2],
  [-3, 2],
] as const;

/** A block of points at 100, 200 on a ground at 5. */
function blockPoints(): number[] {
  const points: number[] = [];
  for (let x = -2; x <= 2; x += 0.2) for (let z = 0.3; z <= 1.5; z += 0.2) points.push(100 + x, 199, 5 + z);
  for (let x = -9; x <= 9; x += 0.5) for (let y = -9; y <= 9; y += 0.5) points.push(100 + x, 200 + y, 5);
  return points;
}

interface Read {
  readonly regions: readonly Region[];
  readonly pointBudget: number | undefined;
}

interface MadeOptions {
  readonly isTruncated?: boolean;
  /**
   * What each read turns out to be once it is known, in turn; the last one for all others. Default: of one
   * version.
   */
  readonly verified?: readonly (() => Promise<void>)[];
  /** Points in the region, by read. Default: 7 each. */
  readonly counts?: readonly number[];
  /** The bounds that the metadata state. */
  readonly bounds?: typeof BOUNDS;
}

const BOUNDS = { min: [0, 0, 0], max: [300, 300, 50] };

function made(
  versions: readonly string[],
  { isTruncated = false, verified = [async () => {}], counts = [], bounds = BOUNDS }: MadeOptions = {},
) {
  const reads: Read[] = [];
  const asked: FitRequest[] = [];
  const all = blockPoints();
  const reader = {
    read: async (id: string, regions: readonly Region[], { pointBudget }: { pointBudget?: number } = {}) => {
      const index = reads.length;
      const version = versions[Math.min(index, versions.length - 1)]!;
      reads.push({ regions, pointBudget });
      const known = verified[Math.min(index, verified.length - 1)]!();
      known.catch(() => {});
      return {
        cloud: { id, version, sensor: null, bounds },
        cost: { nodes: 3, bytes: 10, memory: 2, disk: 0, origin: 1 },
        timings: { resolveMs: 1, fetchMs: 1, decodeMs: 1 },
        isTruncated,
        countInSlices: async (inside: Region) => (inside.type === 'box' ? 5 : (counts[index] ?? 7)),
        verified: known,
        release: () => {},
        cropInSlices: async (_region: Region, origin: readonly number[]) => ({
          positions: Float32Array.from(all, (v, i) => v - origin[i % 3]!),
          count: all.length / 3,
        }),
      };
    },
  };
  const engine = {
    model: { name: 'synthetic', version: '1' },
    models: [{ name: 'synthetic', version: '1' }],
    admit: () => () => {},
    fit: async (request: FitRequest) => {
      asked.push(request);
      const box = { center: [0, 0, 0], size: [4, 2, 1.5], yaw: 0 };
      return { box, class: 'car', score: 0.5, ground: 0, method: 'model', queueMs: 0, inferMs: 1 };
    },
  };
  const predictor = new Predictor(reader as unknown as CloudReader, engine as unknown as FitEngine, {
    lassoPoints: 5000,
    trainingProfile: { name: 'training', version: '1', classes: {} },
  });
  return { predictor, reads, asked };
}

const question = (region: Question['region']): Question => ({
  cloud: 'a',
  region,
  ...DEFAULT_QUESTION,
  signal: new AbortController().signal,
  deadline: Number.POSITIVE_INFINITY,
});
const polygon = { type: 'polygon', ring: RING.map(([x, y]) => [x + 100, y + 200] as const) } as const;
const frustum = {
  type: 'frustum',
  viewProjection: [0.01, 0, 0, 0, 0, 0.005, 0, 0, 0, 0, -0.01, 0, 0, 0, 0, 1],
  ring: [
    [-1, -1],
    [2, -1],
    [2, 2],
    [-1, 2],
  ],
} as const;

describe('a lasso', () => {
  it('is read, then what is around its object; the answer is in the coordinates of the cloud', async () => {
    const { predictor, reads, asked } = made(['v1']);
    const answer = await predictor.predict(question(polygon));
    expect(reads.map(({ regions }) => regions.map(({ type }) => type))).toEqual([
      ['polygon'],
      ['polygon', 'sphere'],
    ]);
    expect(reads.every(({ pointBudget }) => pointBudget === undefined)).toBe(true);
    expect(asked[0]!.hint).toMatchObject({ type: 'lasso', click: [0, 0, 0] });
    expect(Math.abs(answer.box.center[0] - 100)).toBeLessThan(2.1);
    expect(answer.box.center[1]).toBeCloseTo(199, 3);
    expect(answer.cost).toEqual({ nodes: 3, bytes: 20, memory: 1, disk: 0, origin: 2 });
    expect(answer.truncated).toBeUndefined();
  });

  it('on the screen is read up to the budget, and says so where that was too little', async () => {
    const { predictor, reads } = made(['v1'], { isTruncated: true });
    const answer = await predictor.predict(question(frustum));
    expect(reads.map(({ pointBudget }) => pointBudget)).toEqual([5000, 5000]);
    expect(answer.truncated).toBe(true);
  });

  it('starts anew if the cloud changes between its reads, and gives up when it does so again', async () => {
    const once = made(['v1', 'v2', 'v2', 'v2']);
    expect((await once.predictor.predict(question(polygon))).cloud.version).toBe('v2');
    expect(once.reads.length).toBe(4);
    const twice = made(['v1', 'v2', 'v3', 'v4']);
    const error = await twice.predictor.predict(question(polygon)).catch((thrown: unknown) => thrown);
    expect(isNearboxError(error, 'cloud_changed')).toBe(true);
  });
});

describe('points that are only known to be of one version later', () => {
  const click = { type: 'click', position: [100, 199, 6] } as const;
  const changed = () => Promise.reject(new NearboxError('cloud_changed', 'it was replaced'));

  it('are worked on meanwhile, and the answer waits', async () => {
    const held = deferred();
    const { predictor, asked } = made(['v1'], { verified: [() => held.promise] });
    let isAnswered = false;
    const answer = predictor.predict(question(click)).finally(() => {
      isAnswered = true;
    });
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toHaveLength(1);
    expect(isAnswered).toBe(false);
    held.resolve();
    expect((await answer).cloud.version).toBe('v1');
  });

  it('are read once more if they were not; twice is given up', async () => {
    for (const region of [click, polygon]) {
      const lasso = region.type === 'polygon';
      const good = async () => {};
      const once = made(['v1', ...(lasso ? ['v1'] : []), 'v2'], {
        verified: lasso ? [good, changed, good] : [changed, good],
      });
      expect((await once.predictor.predict(question(region))).cloud.version).toBe('v2');
      const twice = made(['v1'], { verified: lasso ? [good, changed] : [changed] });
      await expect(twice.predictor.predict(question(region))).rejects.toMatchObject({
        code: 'cloud_changed',
      });
      expect(twice.asked).toHaveLength(2);
    }
  });

  it('say nothing if they were not, not even that there are none', async () => {
    const { predictor } = made(['v1', 'v2'], { verified: [changed, async () => {}], counts: [0, 7] });
    expect((await predictor.predict(question(click))).cloud.version).toBe('v2');
    const empty = made(['v1'], { counts: [0] });
    await expect(empty.predictor.predict(question(click))).rejects.toMatchObject({ code: 'region_empty' });
  });

  it('are not waited for by who has left, and a storage that fails is heard of', async () => {
    const controller = new AbortController();
    const stuck = made(['v1'], { verified: [() => new Promise(() => {})] });
    const asked = stuck.predictor.predict({ ...question(click), signal: controller.signal });
    controller.abort(new Error('gone'));
    await expect(asked).rejects.toThrow('gone');
    const down = () => Promise.reject(new NearboxError('source_unavailable', 'the storage is down'));
    const failing = made(['v1'], { verified: [down] });
    await expect(failing.predictor.predict(question(click))).rejects.toMatchObject({
      code: 'source_unavailable',
    });
  });
});

describe('a label profile', () => {
  it('that is not there is an invalid request that names the field', async () => {
    const { predictor } = made(['v1']);
    const asked = predictor.predict({ ...question(polygon), profile: 'none' });
    await expect(asked).rejects.toMatchObject({ code: 'invalid_request', fields: [{ path: 'profile' }] });
    expect(predictor.profileVersion('none')).toBeNull();
  });

  it('in the question itself is used, and its version is that of its content', async () => {
    const { predictor } = made(['v1']);
    const own = (length: number) => ({
      format: 'nearbox-profile-1' as const,
      classes: {
        car: {
          objects: 5,
          size: [length, 1.8, 1.5] as [number, number, number],
          padding: { ends: 0, sides: 0, top: 0, floor: 0 },
        },
      },
    });
    expect((await predictor.predict({ ...question(polygon), profile: own(4) })).class).toBe('car');
    expect(predictor.profileVersion(own(4))).toBe(predictor.profileVersion(own(4)));
    expect(predictor.profileVersion(own(4))).not.toBe(predictor.profileVersion(own(4.1)));
  });
});

describe('kept parts', () => {
  const box = { type: 'box', center: [101, 199, 6], size: [5, 2.2, 1.8], yaw: 0.4 } as const;

  it('stay where they are, and go to the fit', async () => {
    const { predictor, asked } = made(['v1']);
    const answer = await predictor.predict({ ...question(box), keep: ['front', 'top'] });
    expect(asked[0]!.keep).toEqual(['front', 'top']);
    expect(answer.box.yaw).toBe(0.4);
    const front = (of: Pick<typeof box, 'center' | 'size' | 'yaw'>) =>
      of.center[0] * Math.cos(0.4) + of.center[1] * Math.sin(0.4) + of.size[0] / 2;
    expect(Math.abs(front(answer.box as typeof box) - front(box))).toBeLessThanOrEqual(1e-6);
    expect(answer.box.center[2] + answer.box.size[2] / 2).toBeCloseTo(6.9, 9);
  });

  it.each([
    [{ ...question(polygon), keep: ['front'] as const }, 'keep'],
    [{ ...question(box), keep: ['yaw'] as const, size: [4, 2, 1] as const }, 'keep'],
    [{ ...question(box), timestamp: 3 }, 'timestamp'],
  ])('are refused where they mean nothing, as are other fields', async (asked, path) => {
    const { predictor, reads } = made(['v1']);
    await expect(predictor.predict(asked)).rejects.toMatchObject({
      code: 'invalid_request',
      fields: [{ path }],
    });
    expect(reads).toEqual([]);
  });
});

describe('boxes of the object in other frames', () => {
  const click = { type: 'click', position: [100, 199, 6] } as const;
  const at = (x: number, length: number) => ({
    center: [x, 199, 5.8] as const,
    size: [length, 1.9, 1.6] as const,
    yaw: Math.PI - 0.1,
  });

  it('give the size, foresee the place and tell the heading', async () => {
    const { predictor, asked } = made(['v1']);
    const previous = [
      { cloud: 'b', box: at(96, 4.4), timestamp: 1 },
      { cloud: 'c', box: at(98, 4.5), timestamp: 1.1 },
      { cloud: 'd', box: at(98, 9), timestamp: 1.1, confirmed: false },
    ];
    const answer = await predictor.predict({ ...question(click), previous, timestamp: 1.2 });
    expect(answer.sizeFrom).toBe(1);
    expect(asked[0]!.size).toEqual([4.5, 1.9, 1.6]);
    const places = asked[0]!.expected!.map(({ center }) => center[0]);
    expect(places[0]).toBeCloseTo(0, 9);
    expect(places[1]).toBeCloseTo(-2, 9);
    // The fit says 0, the other frames nearly pi.
    expect(Math.abs(answer.box.yaw)).toBeCloseTo(Math.PI, 9);
  });

  it('give no size where the annotator tells one', async () => {
    const { predictor, asked } = made(['v1']);
    const answer = await predictor.predict({
      ...question(click),
      size: [4, 2, 1],
      previous: [{ cloud: 'b', box: at(99, 4.4) }],
    });
    expect(answer.sizeFrom).toBeUndefined();
    expect(asked[0]!.size).toEqual([4, 2, 1]);
    expect(asked[0]!.expected![0]!.size).toEqual([4, 2, 1]);
  });

  it('have poses for all frames or for none', async () => {
    const pose = { position: [1, 0, 0], rotation: [0, 0, 0, 1] } as const;
    const box = at(99, 4.4);
    for (const asked of [
      { ...question(click), previous: [{ cloud: 'b', box, pose }] },
      {
        ...question(click),
        pose,
        previous: [
          { cloud: 'b', box, pose },
          { cloud: 'c', box },
        ],
      },
    ])
      await expect(made(['v1']).predictor.predict(asked)).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

describe('the box', () => {
  it('lies inside the bounds of the cloud, however large and turned the region', async () => {
    const { predictor } = made(['v1']);
    const region = { type: 'box', center: [5e5, -3e5, 0], size: [1e6, 1e6, 1e6], yaw: 1e300 } as const;
    const { box } = await predictor.predict(question(region));
    expect(box.center[0]).toBeLessThanOrEqual(300);
    expect(box.center[1]).toBeGreaterThanOrEqual(0);
    expect(Math.abs(box.yaw)).toBeLessThanOrEqual(Math.PI);
  });

  it('stays where its points are, whatever bounds the metadata state', async () => {
    const region = { type: 'click', position: [100, 199, 5] } as const;
    const right = await made(['v1']).predictor.predict(question(region));
    const wrong = made(['v1'], { bounds: { min: [5, 5, 5], max: [6, 6, 6] } });
    expect((await wrong.predictor.predict(question(region))).box).toEqual(right.box);
    expect(right.box.size).toEqual([4, 2, 1.5]);
  });
});
