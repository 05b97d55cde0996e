import { describe, expect, it } from 'vitest';
import { type Deferred, deferred, HandClock, settled } from '../testing/index.ts';
import { hedgedFallback } from './hedged-fallback.ts';

/** Ways that the test settles by hand; each is hedged after 10 ms. */
function setUp(count: number) {
  const clock = new HandClock();
  const begun: { readonly call: Deferred<string | null>; readonly signal: AbortSignal }[] = [];
  const ways = Array.from({ length: count }, () => ({
    hedgeAfterMs: 10,
    read(signal: AbortSignal) {
      const call = deferred<string | null>();
      signal.addEventListener('abort', () => call.reject(signal.reason));
      begun.push({ call, signal });
      return call.promise;
    },
  }));
  const controller = new AbortController();
  return { clock, begun, controller, value: hedgedFallback(ways, clock, controller.signal) };
}

describe('hedgedFallback', () => {
  it('goes the first way alone while that is fast', async () => {
    const { clock, begun, value } = setUp(3);
    clock.advance(9);
    begun[0]!.call.resolve('a');
    expect(await value).toBe('a');
    expect(begun.length).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it('goes the next way at once where one fails or leads nowhere', async () => {
    const { clock, begun, value } = setUp(3);
    begun[0]!.call.reject(new Error('down'));
    await settled();
    begun[1]!.call.resolve(null);
    await settled();
    begun[2]!.call.resolve('c');
    expect(await value).toBe('c');
    expect(clock.pending).toBe(0);
  });

  it('goes the next way beside one that is slow; whoever is first ends the others', async () => {
    for (const winner of [0, 1]) {
      const { clock, begun, value } = setUp(2);
      clock.advance(10);
      expect(begun.length).toBe(2);
      begun[winner]!.call.resolve('x');
      expect(await value).toBe('x');
      expect(begun[1 - winner]!.signal.aborted).toBe(true);
      expect(clock.pending).toBe(0);
    }
  });

  it('the last way’s null is an answer; its failure waits for those that may do better', async () => {
    const first = setUp(2);
    first.clock.advance(10);
    first.begun[1]!.call.resolve(null);
    expect(await first.value).toBeNull();

    const second = setUp(2);
    second.clock.advance(10);
    second.begun[1]!.call.reject(new Error('origin down'));
    await settled();
    second.begun[0]!.call.resolve('late');
    expect(await second.value).toBe('late');

    const third = setUp(2);
    third.clock.advance(10);
    third.begun[1]!.call.reject(new Error('origin down'));
    await settled();
    third.begun[0]!.call.resolve(null);
    await expect(third.value).rejects.toThrow('origin down');
  });

  it('who leaves ends all ways', async () => {
    const { clock, begun, controller, value } = setUp(3);
    clock.advance(10);
    controller.abort(new Error('gone'));
    await expect(value).rejects.toThrow('gone');
    expect(begun.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    expect(clock.pending).toBe(0);
  });
});
