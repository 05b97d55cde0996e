import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ownerOf } from './rendezvous.ts';

const members = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 8 });

describe('ownerOf', () => {
  it('is one of the members, whatever their order', () => {
    fc.assert(
      fc.property(fc.string(), members, (key, all) => {
        const owner = ownerOf(key, all);
        expect(all).toContain(owner);
        expect(ownerOf(key, [...all].reverse())).toBe(owner);
        expect(ownerOf(key, [...all, ...all])).toBe(owner);
      }),
    );
    expect(ownerOf('x', [])).toBeUndefined();
  });

  it('stays the same unless it leaves, or the one that joins takes over', () => {
    fc.assert(
      fc.property(fc.string(), members, fc.nat(), (key, all, n) => {
        const owner = ownerOf(key, all);
        const left = all[n % all.length]!;
        const rest = all.filter((member) => member !== left);
        if (left !== owner) expect(ownerOf(key, rest)).toBe(owner);
        expect([owner, 'newcomer']).toContain(ownerOf(key, [...all, 'newcomer']));
      }),
    );
  });

  it('spreads keys evenly', () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 4000; i += 1) {
      const owner = ownerOf(`v/cloud/${i}`, ['a', 'b', 'c', 'd'])!;
      counts.set(owner, (counts.get(owner) ?? 0) + 1);
    }
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
