/** The predictor over a made-up reader: what it reads for a lasso, and what it does when the cloud changes in between. */
import { describe, expect, it } from 'vitest';
import { isNearboxError } from '../cache/index.ts';
import type { CloudReader, Region } from '../octree/index.ts';
import type { FitEngine } from './engine.ts';
import { Predictor, type Question, UNSAID } from './predictor.ts';
import type { FitRequest } from './types.ts';

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

function made(versions: readonly string[], isTruncated = false) {
  const reads: Read[] = [];
  const asked: FitRequest[] = [];
  const all = blockPoints();
  const reader = {
    read: async (id: string, regions: readonly Region[], { pointBudget }: { pointBudget?: number } = {}) => {
      const version = versions[Math.min(reads.length, versions.length - 1)]!;
      reads.push({ regions, pointBudget });
      return {
        cloud: { id, version, sensor: null, bounds: { min: [0, 0, 0], max: [300, 300, 50] } },
        cost: { nodes: 3, bytes: 10, memory: 2, disk: 0, origin: 1 },
        timings: { resolveMs: 1, fetchMs: 1, decodeMs: 1 },
        isTruncated,
        count: () => 7,
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
    const { predictor, reads } = made(['v1'], true);
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

describe('a label profile', () => {
  it('that is not there is an invalid request that names the field', async () => {
    const { predictor } = made(['v1']);
    const asked = predictor.predict({ ...question(polygon), profile: 'none' });
    await expect(asked).rejects.toMatchObject({ code: 'invalid_request', fields: [{ path: 'profile' }] });
    expect(predictor.profileVersion('none')).toBeNull();
  });
});
