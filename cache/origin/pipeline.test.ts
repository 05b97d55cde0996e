import { describe, expect, it } from 'vitest';
import { NearboxError } from '../foundation/index.ts';
import { CONFORMANCE_FILES, describeByteSource, HeldSource, MemorySource, stored } from '../testing/index.ts';
import { OriginPipeline, type StorageCall } from './pipeline.ts';
import { TransientFailure } from './retrying.ts';

function observed(source: MemorySource) {
  const calls: StorageCall[] = [];
  return { source: new OriginPipeline(source, { onCall: (call) => calls.push(call) }), calls };
}

describeByteSource('a pipeline that observes', async () => {
  const memory = new MemorySource(CONFORMANCE_FILES);
  return { source: observed(memory).source, replace: async (path, bytes) => memory.put(path, bytes) };
});

describe('observing', () => {
  it('tells what came of every call, and how many bytes', async () => {
    const { source, calls } = observed(new MemorySource([['a', new Uint8Array(5)]]));
    await source.read('a');
    await source.read('a', { range: { offset: 1, length: 2 } });
    await source.read('none');
    await source.stat('a');
    await source.list!('');
    await expect(source.read('a', { range: { offset: 4, length: 9 } })).rejects.toBeInstanceOf(NearboxError);
    expect(calls.map(({ operation, outcome, bytes }) => [operation, outcome, bytes])).toEqual([
      ['read', 'ok', 5],
      ['read', 'ok', 2],
      ['read', 'absent', 0],
      ['stat', 'ok', 0],
      ['list', 'ok', 0],
      ['read', 'range_not_satisfiable', 0],
    ]);
    for (const { ms } of calls) expect(ms).toBeGreaterThanOrEqual(0);
  });

  it('a call that nobody waits for any more is no failure of the storage', async () => {
    const memory = new MemorySource([['a', new Uint8Array(5)]]);
    const { source, calls } = observed(memory);
    const caller = new AbortController();
    memory.onRead = () => caller.abort(new Error('gone'));
    await expect(source.read('a', { signal: caller.signal })).rejects.toThrow('gone');
    expect(calls).toMatchObject([{ outcome: 'left', bytes: 0 }]);
    // One that has left before it asks makes no call.
    await expect(source.read('a', { signal: caller.signal })).rejects.toThrow('gone');
    expect(calls).toHaveLength(1);
  });
});

describe('a pipeline', () => {
  it('counts what its steps do, and 0 for the steps that it has not', async () => {
    const bare = new OriginPipeline(new MemorySource([['a', new Uint8Array(5)]]), {});
    await bare.read('a');
    await bare.read('none');
    const none = { asked: 0, sent: 0, gapBytes: 0 };
    expect(bare.stats()).toEqual({
      requests: 2,
      coalesced: none,
      negativeHits: 0,
      hedging: { reads: 0, hedges: 0, wins: 0, refused: 0 },
      retrying: { attempts: 0, retries: 0, refused: 0 },
      limiter: { running: 0, waiting: 0, waited: 0 },
    });

    const held = new HeldSource();
    const retry = { timeoutMs: 60_000, maxAttempts: 2, backoffMs: 0 };
    const whole = new OriginPipeline(held, { coalesce: {}, negative: {}, hedge: {}, retry, maxRequests: 1 });
    const first = whole.read('none');
    const second = whole.read('b');
    await settledCalls(held, 1);
    held.reads[0]!.resolve(null);
    expect(await first).toBeNull();
    await settledCalls(held, 2);
    held.reads[1]!.reject(new TransientFailure('busy'));
    await settledCalls(held, 3);
    held.reads[2]!.resolve(stored('b'));
    await second;
    expect(await whole.read('none')).toBeNull();
    expect(held.reads.map(({ options }) => options.fresh ?? false)).toEqual([false, false, true]);
    expect(whole.stats()).toMatchObject({
      requests: 2,
      negativeHits: 1,
      hedging: { reads: 2 },
      retrying: { attempts: 3, retries: 1, refused: 0 },
      limiter: { running: 0, waiting: 0, waited: 1 },
    });
  });

  it('leaves places for other clouds, however many requests of one never end', async () => {
    const held = new HeldSource();
    const shareOf = (path: string) => path.split('/')[0]!;
    const origin = new OriginPipeline(held, { maxRequests: 4, shareOf });
    const slow = Array.from({ length: 20 }, (_, k) => origin.read(`slow/${k}`));
    await settledCalls(held, 2);
    const other = origin.read('well/0');
    await settledCalls(held, 3);
    expect(held.reads.map(({ path }) => path)).toEqual(['slow/0', 'slow/1', 'well/0']);
    expect(origin.stats().limiter).toEqual({ running: 3, waiting: 18, waited: 18 });
    held.reads[2]!.resolve(stored('well/0'));
    expect((await other)!.bytes.byteLength).toBeGreaterThan(0);
    for (let k = 0; k < 21; k++) {
      await settledCalls(held, k + 1);
      held.reads[k]!.resolve(null);
    }
    expect(await Promise.all(slow)).toEqual(slow.map(() => null));
  });
});

/** Lets the event loop turn until the source has been asked `n` times. */
async function settledCalls(held: HeldSource, n: number): Promise<void> {
  while (held.reads.length < n) await new Promise(setImmediate);
}
