import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ByteBudget, type Release } from './byte-budget.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a byte budget', () => {
  it('lets in what fits, and the rest in its order when memory is given back', async () => {
    const budget = new ByteBudget(100);
    const order: string[] = [];
    const ask = async (name: string, bytes: number) => {
      const release = await budget.reserve(bytes);
      order.push(name);
      return release;
    };
    const first = await ask('first', 60);
    const large = ask('large', 80);
    // It would fit, but the large one came before it.
    const small = ask('small', 10);
    expect(budget.stats()).toEqual({ usedBytes: 60, limitBytes: 100, waiting: 2 });
    first();
    first();
    (await large)();
    (await small)();
    expect(order).toEqual(['first', 'large', 'small']);
    expect(budget.stats()).toEqual({ usedBytes: 0, limitBytes: 100, waiting: 0 });
  });

  it('refuses at once what never fits', async () => {
    await expect(new ByteBudget(100).reserve(101)).rejects.toMatchObject({ code: 'region_too_large' });
  });

  it('refuses shortly before the deadline what has waited until then, and lets the next one in', async () => {
    const budget = new ByteBudget(100);
    const release = await budget.reserve(60);
    const tooLate = budget.reserve(80, { deadline: performance.now() + 1000 });
    const next = budget.reserve(40);
    const refused = expect(tooLate).rejects.toMatchObject({ code: 'overloaded', retryAfterSeconds: 1 });
    await vi.advanceTimersByTimeAsync(985);
    await refused;
    (await next)();
    release();
    expect(budget.stats().usedBytes).toBe(0);
  });

  it('forgets who leaves', async () => {
    const budget = new ByteBudget(100);
    const release = await budget.reserve(100);
    const leaving = new AbortController();
    const left = budget.reserve(50, { signal: leaving.signal });
    leaving.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    release();
    expect(budget.stats()).toEqual({ usedBytes: 0, limitBytes: 100, waiting: 0 });
    await expect(budget.reserve(1, { signal: leaving.signal })).rejects.toThrow('gone');
  });

  it('never gives out more than there is, and gives all of it out in the end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 30 }), async (sizes) => {
        const budget = new ByteBudget(50);
        const held: Release[] = [];
        let granted = 0;
        for (const size of sizes)
          void budget.reserve(size).then((release) => {
            granted += 1;
            held.push(release);
          });
        for (let k = 0; k <= sizes.length; k++) {
          await vi.advanceTimersByTimeAsync(0);
          expect(budget.stats().usedBytes).toBeLessThanOrEqual(50);
          held.shift()?.();
        }
        expect(granted).toBe(sizes.length);
      }),
    );
  });
});
