import { beforeEach, describe, expect, it } from 'vitest';
import { ObjectTooLarge } from '../byte-source/index.ts';
import { LatencyWindow, NearboxError } from '../foundation/index.ts';
import { HandClock, HeldSource, stored } from '../testing/index.ts';
import type { HedgingOptions } from './hedging.ts';
import { OriginPipeline } from './pipeline.ts';

let clock: HandClock;
let held: HeldSource;

beforeEach(() => {
  clock = new HandClock();
  held = new HeldSource();
});

/** A hedged source that has seen `samples` reads of 50 ms. */
async function hedged(options: HedgingOptions = {}, samples = 20): Promise<OriginPipeline> {
  const source = new OriginPipeline(held, { hedge: options }, clock);
  for (let i = 0; i < samples; i += 1) await readIn(source, 50);
  held.reads.length = 0;
  return source;
}

async function readIn(source: OriginPipeline, ms: number): Promise<void> {
  const read = source.read('x');
  clock.advance(ms);
  held.reads.at(-1)?.resolve(stored('x'));
  await read;
}

const down = () => new NearboxError('source_unavailable', 'down');

describe('hedging', () => {
  it('sends no second read before it has seen enough', async () => {
    const source = await hedged({}, 19);
    expect(source.hedgeAfterMs()).toBeNull();
    const read = source.read('a');
    clock.advance(100_000);
    expect(held.reads.length).toBe(1);
    held.reads[0]?.resolve(stored('a'));
    await read;
    expect(source.hedgeAfterMs()).not.toBeNull();
  });

  it('sends none for a read that is over before the p95', async () => {
    const source = await hedged();
    const read = source.read('a');
    clock.advance(49);
    held.reads[0]?.resolve(stored('a'));
    await read;
    clock.advance(1000);
    expect(held.reads.length).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it('sends one after the p95; the faster counts and the other is aborted', async () => {
    for (const winner of [0, 1]) {
      const source = await hedged();
      const read = source.read('a', { range: { offset: 1, length: 2 }, ifMatch: '"1"' });
      clock.advance(50);
      expect(held.reads.length).toBe(2);
      expect(held.reads[1]?.options).toMatchObject({ range: { offset: 1, length: 2 }, ifMatch: '"1"' });
      held.reads[winner]?.resolve(stored(`${winner}`));
      expect((await read)?.bytes).toEqual(stored(`${winner}`).bytes);
      expect(held.reads[1 - winner]?.options.signal?.aborted).toBe(true);
      expect(source.stats().hedging).toMatchObject({ hedges: 1, wins: winner, refused: 0 });
      held.reads.length = 0;
    }
  });

  it('an absent object is an answer', async () => {
    const source = await hedged();
    const read = source.read('a');
    clock.advance(50);
    held.reads[1]?.resolve(null);
    expect(await read).toBeNull();
  });

  it('keeps within its budget when everything is slow', async () => {
    const source = await hedged({ budget: { ratio: 0.05, burst: 5 } });
    const reads = Array.from({ length: 100 }, (_, i) => source.read(`${i}`));
    clock.advance(10_000);
    expect(held.reads.length).toBeLessThanOrEqual(100 + 5 + 5);
    expect(source.stats().hedging.refused).toBeGreaterThanOrEqual(90);
    for (const read of held.reads) read.resolve(null);
    await Promise.all(reads);
  });

  it('sends none into a burst, only for those that are left of it', async () => {
    const source = await hedged({ maxWaiting: 2 });
    const reads = Array.from({ length: 4 }, (_, i) => source.read(`${i}`));
    clock.advance(60);
    expect(held.reads.length).toBe(4);
    for (const i of [0, 1]) held.reads[i]?.resolve(stored('x'));
    await Promise.all(reads.slice(0, 2));
    clock.advance(50);
    expect(held.reads.map(({ path }) => path)).toEqual(['0', '1', '2', '3', '2', '3']);
    for (const read of held.reads) read.resolve(stored('x'));
    await Promise.all(reads);
    expect(clock.pending).toBe(0);
    expect(source.stats().hedging).toMatchObject({ hedges: 2, refused: 0 });
  });

  it('sends none in place of a failure', async () => {
    const source = await hedged();
    const reads = Array.from({ length: 50 }, () => source.read('a'));
    for (const read of held.reads) read.reject(down());
    const results = await Promise.allSettled(reads);
    clock.advance(10_000);
    expect(results.every(({ status }) => status === 'rejected')).toBe(true);
    expect(held.reads.length).toBe(50);
  });

  it('waits for the second read if the first fails, and the other way round; both fail with the first error', async () => {
    const source = await hedged();
    for (const failing of [0, 1]) {
      const read = source.read('a');
      clock.advance(60);
      held.reads[failing]?.reject(down());
      held.reads[1 - failing]?.resolve(stored('good'));
      expect((await read)?.size).toBe(4);
      held.reads.length = 0;
    }
    const read = source.read('a');
    clock.advance(60);
    held.reads[1]?.reject(new NearboxError('source_unavailable', 'second'));
    held.reads[0]?.reject(down());
    await expect(read).rejects.toThrow('second');
  });

  it.each([
    new NearboxError('cloud_changed', 'x'),
    new NearboxError('range_not_satisfiable', 'x'),
    new ObjectTooLarge('x', 2, 1),
  ])('takes %s for an answer at once', async (error) => {
    const source = await hedged();
    const read = source.read('a');
    clock.advance(60);
    held.reads[1]?.reject(error);
    await expect(read).rejects.toBe(error);
    expect(held.reads[0]?.options.signal?.aborted).toBe(true);
  });

  it('a caller that leaves ends both reads, and leaves no timer', async () => {
    const source = await hedged();
    const controller = new AbortController();
    const read = source.read('a', { signal: controller.signal });
    clock.advance(60);
    controller.abort(new Error('gone'));
    await expect(read).rejects.toThrow('gone');
    expect(held.reads.map(({ options }) => options.signal?.aborted)).toEqual([true, true]);
    const early = new AbortController();
    const other = source.read('b', { signal: early.signal });
    early.abort(new Error('gone'));
    await expect(other).rejects.toThrow('gone');
    await expect(source.read('c', { signal: early.signal })).rejects.toThrow('gone');
    expect(held.reads.length).toBe(3);
    expect(clock.pending).toBe(0);
  });

  it('won second reads do not make the p95 look better than it is', async () => {
    const source = await hedged({ budget: { ratio: 1, burst: 100 } });
    for (let i = 0; i < 256; i += 1) {
      held.reads.length = 0;
      const read = source.read('a');
      clock.advance(60);
      held.reads[1]?.resolve(stored('a'));
      await read;
    }
    expect(source.hedgeAfterMs()).toBeGreaterThanOrEqual(50);
  });

  it('keeps the delay between its bounds', async () => {
    expect((await hedged({ minDelayMs: 70 })).hedgeAfterMs()).toBe(70);
    expect((await hedged({ maxDelayMs: 30 })).hedgeAfterMs()).toBe(30);
  });

  it('stats are hedged by latencies of their own', async () => {
    const source = await hedged();
    expect(source.hedgeAfterMs('stat')).toBeNull();
    const stat = source.stat('a');
    held.stats[0]?.resolve({ size: 1, etag: null });
    expect(await stat).toEqual({ size: 1, etag: null });
  });

  it('can list if its source can', async () => {
    expect((await hedged()).list).toBeUndefined();
    const listing = { folders: ['a'], files: [] };
    const source = new OriginPipeline(Object.assign(held, { list: async () => listing }), { hedge: {} });
    expect(await source.list?.('')).toBe(listing);
  });

  it('names wrong options', () => {
    expect(() => new OriginPipeline(held, { hedge: { quantile: 1 } })).toThrow('`quantile`');
    expect(() => new OriginPipeline(held, { hedge: { minSamples: 0 } })).toThrow('`minSamples`');
    expect(() => new OriginPipeline(held, { hedge: { minDelayMs: 50, maxDelayMs: 40 } })).toThrow(
      '`maxDelayMs`',
    );
  });
});

describe('LatencyWindow', () => {
  it('gives quantiles of the last ones', () => {
    const window = new LatencyWindow(100);
    expect(window.quantile(0.95)).toBeNaN();
    for (let ms = 1000; ms > 0; ms -= 1) window.add(ms);
    expect(window.size).toBe(100);
    expect([window.quantile(0.5), window.quantile(0.95), window.quantile(1)]).toEqual([50, 95, 100]);
  });
});
