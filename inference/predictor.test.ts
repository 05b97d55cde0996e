/** What the predictor does when the network cannot answer in time. */
import { describe, expect, it } from 'vitest';
import { NearboxError } from '../cache/index.ts';
import type { CloudReader } from '../octree/index.ts';
import type { EngineAnswer, FitEngine } from './engine.ts';
import { Predictor, type Question, UNSAID } from './predictor.ts';

const answer = (method: EngineAnswer['method'], fallback?: string): EngineAnswer => ({
  box: { center: [0, 0, 0], size: [4, 2, 1.5], yaw: 0 },
  class: 'car',
  score: 0.5,
  ground: null,
  method,
  fallback,
  queueMs: 0,
  inferMs: 1,
});

/** What the reader and the engine were asked for, in order, and how many are on their way. */
function predictorWith(engine: Partial<Pick<FitEngine, 'admit' | 'fit'>>) {
  const calls: string[] = [];
  let coming = 0;
  const view = {
    count: () => 10,
    crop: () => ({ count: 0, positions: new Float32Array(0), intensities: null }),
    cloud: { id: 'a', version: 'v', sensor: null, bounds: { min: [0, 0, 0], max: [1, 1, 1] } },
    cost: { nodes: 1, bytes: 0, memory: 1, disk: 0, origin: 0 },
    timings: { resolveMs: 0, fetchMs: 0, decodeMs: 0 },
  };
  const reader = {
    async read() {
      calls.push(`read with ${coming} coming`);
      return view;
    },
  } as unknown as CloudReader;
  const whole = {
    model: { name: 'nearbox', version: '1' },
    admit() {
      coming += 1;
      return () => {
        coming -= 1;
      };
    },
    async fit() {
      calls.push(`fit with ${coming} coming`);
      return answer('model');
    },
    async fitInstead(_request: unknown, reason: string) {
      calls.push('geometric');
      return answer('geometric', reason);
    },
    ...engine,
  } as unknown as FitEngine;
  const ask = (more: Partial<Question> = {}) =>
    new Predictor(reader, whole).predict({
      ...UNSAID,
      cloud: 'a',
      region: { type: 'click', position: [0, 0, 0] },
      signal: new AbortController().signal,
      deadline: performance.now() + 1000,
      ...more,
    });
  return { ask, calls };
}

const busy = () => {
  throw new NearboxError('overloaded', 'the wait is too long');
};

describe('a question', () => {
  it('counts as coming from before its points are read until it is in the queue', async () => {
    const { ask, calls } = predictorWith({});
    expect((await ask()).method).toBe('model');
    expect(calls).toEqual(['read with 1 coming', 'fit with 0 coming']);
  });

  it('that comes too late is refused before anything is read', async () => {
    const { ask, calls } = predictorWith({ admit: busy });
    await expect(ask()).rejects.toMatchObject({ code: 'overloaded' });
    expect(calls).toEqual([]);
  });

  it('that comes too late is fitted geometrically if the caller allows it, and says why', async () => {
    const { ask, calls } = predictorWith({ admit: busy });
    expect(await ask({ fallback: 'geometric' })).toMatchObject({
      method: 'geometric',
      fallback: 'the wait is too long',
    });
    expect(calls).toEqual(['read with 0 coming', 'geometric']);
  });

  it('whose time was used up by the reading is fitted geometrically too, if the caller allows it', async () => {
    const late = { fit: async () => busy() };
    expect((await predictorWith(late).ask({ fallback: 'geometric' })).method).toBe('geometric');
    await expect(predictorWith(late).ask()).rejects.toMatchObject({ code: 'overloaded' });
    await expect(predictorWith(late).ask({ fallback: 'none' })).rejects.toMatchObject({ code: 'overloaded' });
  });

  it('that fails for another reason fails, whatever the caller allows', async () => {
    const broken = {
      fit: async () => {
        throw new NearboxError('deadline_exceeded', 'too late');
      },
    };
    await expect(predictorWith(broken).ask({ fallback: 'geometric' })).rejects.toMatchObject({
      code: 'deadline_exceeded',
    });
  });
});
