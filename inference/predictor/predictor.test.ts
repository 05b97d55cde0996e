/** The predictor over a made-up reader: what it reads for a lasso, and what it does when the cloud changes in between. */
import { describe, expect, it } from 'vitest';
import { isNearboxError, NearboxError } from '../../cache/index.ts';
import { deferred } from '../../cache/testing/index.ts';
import type { CloudReader, Region } from '../../octree/index.ts';
import type { FitEngine } from '../engine/index.ts';
import type { FitRequest } from '../fit/index.ts';
import { Predictor, type Question, UNSAID } from './predictor.ts';

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
  /** What each read turns out to be once it is known, in turn; the last one for all others. Default: of one version. */
  readonly verified?: readonly (() => Promise<void>)[];
  /** Points in the region, by read. Default: 7 each. */
  readonly counts?: readonly number[];
}

function made(
  versions: readonly string[],
  { isTruncated = false, verified = [async () => {}], counts = [] }: MadeOptions = {},
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
        cloud: { id, version, sensor: null, bounds: { min: [0, 0, 0], max: [300, 300, 50] } },
        cost: { nodes: 3, bytes: 10, memory: 2, disk: 0, origin: 1 },
        timings: { resolveMs: 1, fetchMs: 1, decodeMs: 1 },
        isTruncated,
        count: (inside: Region) => (inside.type === 'box' ? 5 : (counts[index] ?? 7)),
        verified: known,
        crop: (_region: Region, origin: readonly number[]) => ({
          positions: Float32Array.from(all, (v, i) => v - origin[i % 3]!),
          count: all.length / 3,
        }),
      };
    },
  };
  const engine = {
    model: { name: 'made-up', version: '1' },
    admit: () => () => {},
    fit: async (request: FitRequest) => {
      asked.push(request);
      const box = { center: [0, 0, 0], size: [4, 2, 1.5], yaw: 0 };
      return { box, class: 'car', score: 0.5, ground: 0, method: 'model', queueMs: 0, inferMs: 1 };
    },
  };
  const predictor = new Predictor(reader as unknown as CloudReader, engine as unknown as FitEngine, {
    lassoPoints: 5000,
  });
  return { predictor, reads, asked };
}

const question = (region: Question['region']): Question => ({
  cloud: 'a',
  region,
  ...UNSAID,
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
});
