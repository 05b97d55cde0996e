import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairLimiter } from './fair-limiter.ts';

/** Work that goes on until it is ended. */
function held() {
  const ends: (() => void)[] = [];
  return { ends, work: () => new Promise<void>((resolve) => ends.push(resolve)) };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('a fair limiter', () => {
  it('gives one key half of the places, and leaves some however many keys hold on to theirs', async () => {
    const limiter = new FairLimiter(64);
    const { work } = held();
    const running: number[] = [];
    for (const key of ['a', 'b', 'c', 'd']) {
      for (let k = 0; k < 100; k++) void limiter.run(key, work);
      running.push(limiter.running);
    }
    expect(running).toEqual([32, 48, 56, 60]);
    let isDone = false;
    await limiter.run('e', async () => {
      isDone = true;
    });
    expect(isDone).toBe(true);
  });

  it('begins what waits in its order as places come free', async () => {
    const limiter = new FairLimiter(2);
    const { ends, work } = held();
    const begun: string[] = [];
    for (const name of ['1', '2', '3'])
      void limiter.run('a', () => {
        begun.push(name);
        return work();
      });
    expect(begun).toEqual(['1']);
    ends[0]!();
    await settle();
    expect(begun).toEqual(['1', '2']);
    ends[1]!();
    await settle();
    expect(begun).toEqual(['1', '2', '3']);
  });

  it('never begins what has left, and passes errors on', async () => {
    const limiter = new FairLimiter(1);
    const { ends, work } = held();
    const first = limiter.run('a', work);
    const leaving = new AbortController();
    const left = limiter.run('b', work, leaving.signal);
    leaving.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    ends[0]!();
    await first;
    expect(ends.length).toBe(1);
    await expect(limiter.run('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect([limiter.running, limiter.waiting]).toEqual([0, 0]);
  });

  it('never runs more than its limit, and everything in the end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 30 }),
        async (limit, keys) => {
          const limiter = new FairLimiter(limit);
          let [now, most] = [0, 0];
          await Promise.all(
            keys.map((key) =>
              limiter.run(key, async () => {
                most = Math.max(most, ++now);
                await settle();
                now -= 1;
              }),
            ),
          );
          expect(most).toBeLessThanOrEqual(limit);
        },
      ),
    );
  });
});
