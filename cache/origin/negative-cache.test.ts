import { beforeEach, describe, expect, it } from 'vitest';
import { NearboxError } from '../foundation/index.ts';
import { HandClock, HeldSource, stored } from '../testing/index.ts';
import { OriginPipeline } from './pipeline.ts';

describe('NegativeCache', () => {
  let held: HeldSource;
  let clock: HandClock;
  let source: OriginPipeline;
  beforeEach(() => {
    held = new HeldSource();
    clock = new HandClock();
    source = new OriginPipeline(held, { negative: { ttlMs: 100, maxPaths: 2 } }, clock);
  });

  async function missing(path: string): Promise<void> {
    const read = source.read(path);
    held.reads.at(-1)?.resolve(null);
    expect(await read).toBeNull();
  }

  it('does not ask again for a while for what is not there', async () => {
    await missing('x');
    clock.advance(99);
    expect(await source.read('x')).toBeNull();
    expect(await source.stat('x')).toBeNull();
    expect(held.reads.length + held.stats.length).toBe(1);
    clock.advance(1);
    const read = source.read('x');
    held.reads[1]?.resolve(stored('here now'));
    expect((await read)?.size).toBe(8);
  });

  it('remembers neither failures nor what is there', async () => {
    const failing = source.read('x');
    held.reads[0]?.reject(new NearboxError('source_unavailable', 'down'));
    await expect(failing).rejects.toThrow('down');
    const good = source.read('x');
    held.reads[1]?.resolve(stored('x'));
    await good;
    const again = source.read('x');
    held.reads[2]?.resolve(stored('x'));
    expect((await again)?.size).toBe(1);
  });

  it('remembers so many paths and no more, and can be turned off', async () => {
    for (const path of ['a', 'b', 'c']) await missing(path);
    expect(await source.read('c')).toBeNull();
    expect(held.reads.length).toBe(3);
    await missing('a');
    expect(held.reads.length).toBe(4);
    source = new OriginPipeline(held, { negative: { ttlMs: 0 } });
    await missing('z');
    await missing('z');
    expect(held.reads.length).toBe(6);
  });

  it('a caller that has left gets its reason, and wrong options are named', async () => {
    await expect(source.read('x', { signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow('gone');
    expect(() => new OriginPipeline(held, { negative: { ttlMs: -1 } })).toThrow('`ttlMs`');
  });
});
