import { describe, expect, test, vi } from 'vitest';
import { deferred, settled } from '../../testing/index.ts';
import { Limiter } from './limiter.ts';

describe('Limiter', () => {
  test('runs as many as it may, the rest in their order', async () => {
    const limiter = new Limiter(2);
    const held = [deferred<number>(), deferred<number>(), deferred<number>()];
    const begun: number[] = [];
    const all = held.map((hold, i) =>
      limiter.run(() => {
        begun.push(i);
        return hold.promise;
      }),
    );
    await settled();
    expect(begun).toEqual([0, 1]);
    expect(limiter).toMatchObject({ running: 2, waiting: 1 });
    held[1]!.resolve(1);
    await settled();
    expect(begun).toEqual([0, 1, 2]);
    held[0]!.resolve(0);
    held[2]!.resolve(2);
    expect(await Promise.all(all)).toEqual([0, 1, 2]);
    expect(limiter).toMatchObject({ running: 0, waiting: 0 });
  });

  test('a failure makes room as well', async () => {
    const limiter = new Limiter(1);
    await expect(limiter.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await limiter.run(async () => 'next')).toBe('next');
  });

  test('one who leaves the queue is never begun, and keeps no place', async () => {
    const limiter = new Limiter(1);
    const held = deferred();
    const first = limiter.run(() => held.promise);
    const controller = new AbortController();
    const work = vi.fn(async () => {});
    const second = limiter.run(work, controller.signal);
    const third = limiter.run(async () => 'third');
    await settled();
    controller.abort(new Error('left'));
    await expect(second).rejects.toThrow('left');
    held.resolve();
    await first;
    expect(await third).toBe('third');
    expect(work).not.toHaveBeenCalled();
    expect(limiter).toMatchObject({ running: 0, waiting: 0 });
  });

  test.each([0, 1.5, Number.NaN])('refuses a limit of %d', (limit) => {
    expect(() => new Limiter(limit)).toThrow('`limit`');
  });
});
