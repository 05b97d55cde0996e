import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DecodedNode } from '../points/index.ts';
import { type NodeLease, RetiredNodes } from './retired-nodes.ts';

const node = (name: number) => ({ count: name }) as DecodedNode;

function kept() {
  const reused: number[] = [];
  return { retired: new RetiredNodes(({ count }) => reused.push(count)), reused };
}

describe('nodes that were pushed out of memory', () => {
  it('are free at once where nothing is read', () => {
    const { retired, reused } = kept();
    retired.retire(node(1));
    expect(reused).toEqual([1]);
  });

  it('wait for the reads that began before, and not for later ones', () => {
    const { retired, reused } = kept();
    const [first, second] = [retired.lease(), retired.lease()];
    retired.retire(node(1));
    const later = retired.lease();
    first.end();
    expect(reused).toEqual([]);
    second.end();
    expect(reused).toEqual([1]);
    later.end();
    later.end();
    expect(reused).toEqual([1]);
  });

  it('stay where somebody got them who does not say when he is done', () => {
    const { retired, reused } = kept();
    const given = node(1);
    retired.escape(given);
    retired.retire(given);
    expect(reused).toEqual([]);
  });

  it('are left to the garbage collector where too many wait', () => {
    const { retired, reused } = kept();
    const stuck = retired.lease();
    for (let k = 0; k < 100; k++) retired.retire(node(k));
    stuck.end();
    expect(reused).toEqual(Array.from({ length: 64 }, (_, k) => k + 36));
  });

  it('are never free while a read may hold them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant('begin'), fc.constant('retire'), fc.nat(9)), { maxLength: 60 }),
        (steps) => {
          const open: { lease: NodeLease; began: number }[] = [];
          const retiredAt = new Map<number, number>();
          let now = 0;
          const retired = new RetiredNodes(({ count }) => {
            // A model without epochs: every open read began after the node was retired.
            for (const { began } of open) expect(began).toBeGreaterThan(retiredAt.get(count)!);
          });
          for (const step of steps) {
            now += 1;
            if (step === 'begin') open.push({ lease: retired.lease(), began: now });
            else if (step === 'retire') {
              retiredAt.set(now, now);
              retired.retire(node(now));
            } else open.splice(step % Math.max(1, open.length), 1)[0]?.lease.end();
          }
        },
      ),
    );
  });
});
