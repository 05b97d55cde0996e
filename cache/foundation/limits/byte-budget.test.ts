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

  describe('of several shares', () => {
    const asker = (budget: ByteBudget) => {
      const order: string[] = [];
      const ask = (name: string, bytes: number, share: string, isMore = false) =>
        budget.reserve(bytes, { share, isMore }).then((release) => {
          order.push(name);
          return release;
        });
      return { order, ask };
    };

    it('leaves room for others, whatever waits for one that never ends', async () => {
      const budget = new ByteBudget(100);
      const { order, ask } = asker(budget);
      for (let k = 0; k < 50; k++) void ask('stuck', 10, 'slow');
      await vi.advanceTimersByTimeAsync(0);
      expect(budget.stats()).toEqual({ usedBytes: 50, limitBytes: 100, waiting: 45 });
      // A second one that never ends takes half of what is left, and so on.
      for (let k = 0; k < 50; k++) void ask('stuck', 10, 'also slow');
      await vi.advanceTimersByTimeAsync(0);
      expect(budget.stats().usedBytes).toBe(70);
      for (let k = 0; k < 20; k++) (await ask('well', 10, 'other'))();
      expect(order.filter((name) => name === 'well')).toHaveLength(20);
    });

    it('gives all of it to a share that holds nothing, and keeps room for it against small ones', async () => {
      const budget = new ByteBudget(100);
      const { order, ask } = asker(budget);
      const small = await ask('small', 30, 'a');
      const large = ask('large', 100, 'b');
      const later = ask('later', 10, 'c');
      await vi.advanceTimersByTimeAsync(0);
      expect(order).toEqual(['small']);
      small();
      (await large)();
      (await later)();
      expect(order).toEqual(['small', 'large', 'later']);
    });

    it('keeps the order within a share', async () => {
      const budget = new ByteBudget(100);
      const { order, ask } = asker(budget);
      const first = await ask('first', 40, 'a');
      const second = ask('second', 40, 'a');
      const third = ask('third', 5, 'a');
      await vi.advanceTimersByTimeAsync(0);
      expect(order).toEqual(['first']);
      first();
      (await second)();
      (await third)();
      expect(order).toEqual(['first', 'second', 'third']);
      expect(budget.stats().usedBytes).toBe(0);
    });

    it('does not limit more for work that holds memory already', async () => {
      const budget = new ByteBudget(100);
      const { order, ask } = asker(budget);
      await ask('first', 60, 'a');
      await ask('more', 40, 'a', true);
      expect(order).toEqual(['first', 'more']);
    });
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
