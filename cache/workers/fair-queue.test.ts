import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairQueue, type JobShare } from './fair-queue.ts';

const drain = <Item>(queue: FairQueue<Item>) => {
  const taken: Item[] = [];
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) taken.push(item);
  return taken;
};

describe('a fair queue', () => {
  it('lets callers take turns, and the clouds of one caller', () => {
    const queue = new FairQueue<string>();
    for (const item of ['a1', 'a2', 'a3', 'a4']) queue.push(item, { caller: 'x', cloud: 'a' });
    queue.push('b1', { caller: 'x', cloud: 'b' });
    queue.push('c1', { caller: 'y', cloud: 'a' });
    queue.push('c2', { caller: 'y', cloud: 'a' });
    expect(drain(queue)).toEqual(['a1', 'c1', 'b1', 'c2', 'a2', 'a3', 'a4']);
    expect(queue.size).toBe(0);
  });

  it('is first come, first served for one share', () => {
    const queue = new FairQueue<number>();
    for (let k = 0; k < 5; k++) queue.push(k, {});
    queue.delete(2, {});
    expect(drain(queue)).toEqual([0, 1, 3, 4]);
  });

  const share = fc.record({ caller: fc.constantFrom('x', 'y', 'z'), cloud: fc.constantFrom('a', 'b') });

  it('gives out every item once, whatever is pushed and deleted', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(share, fc.boolean())), (pushed) => {
        const queue = new FairQueue<number>();
        for (const [k, [of]] of pushed.entries()) queue.push(k, of);
        const kept: number[] = [];
        for (const [k, [of, isDeleted]] of pushed.entries())
          if (isDeleted) queue.delete(k, of);
          else kept.push(k);
        expect(queue.size).toBe(kept.length);
        expect(drain(queue).sort((a, b) => a - b)).toEqual(kept);
      }),
    );
  });

  it('tells how many come first, to within the turn that is under way', () => {
    fc.assert(
      fc.property(fc.array(share), share, (pushed: JobShare[], of) => {
        const queue = new FairQueue<JobShare | 'new'>();
        for (const other of pushed) queue.push({ ...other }, other);
        const told = queue.ahead(of);
        queue.push('new', of);
        const before = drain(queue).indexOf('new');
        // Whoever is first in the order of turns has a turn more than the others, on both levels.
        expect(before).toBeLessThanOrEqual(told);
        expect(before).toBeGreaterThanOrEqual(told - 6);
      }),
    );
  });
});
