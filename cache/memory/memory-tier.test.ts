import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MemoryTier } from './memory-tier.ts';

const OVERHEAD = 200;

const tierOf = (maxBytes: number) => new MemoryTier<number>({ maxBytes, sizeOf: (value) => value });

describe('MemoryTier', () => {
  test('keeps what was used last, by bytes', () => {
    const tier = tierOf(3 * (100 + OVERHEAD + 2));
    for (const key of ['a', 'b', 'c']) tier.set(key, 100);
    expect(tier.get('a')).toBe(100);
    tier.set('d', 100);
    expect(tier.get('b')).toBeUndefined();
    expect([tier.get('a'), tier.get('c'), tier.get('d')]).toEqual([100, 100, 100]);
    expect(tier.stats()).toMatchObject({ hits: 4, misses: 1, evictions: 1, entries: 3 });
  });

  test('does not keep what is larger than the whole budget, nor what it replaced', () => {
    const tier = tierOf(1000);
    tier.set('a', 10);
    tier.set('a', 5000);
    expect(tier.get('a')).toBeUndefined();
    expect(tier.stats()).toMatchObject({ bytes: 0, entries: 0 });
  });

  test('a budget of 0 keeps nothing', () => {
    const tier = tierOf(0);
    tier.set('a', 0);
    expect(tier.get('a')).toBeUndefined();
  });

  test('drops by prefix', () => {
    const tier = tierOf(10_000);
    for (const key of ['1:a', '1:b', '11:a', '2:a']) tier.set(key, 1);
    tier.deletePrefix('1:');
    expect(['1:a', '1:b', '11:a', '2:a'].map((key) => tier.get(key))).toEqual([undefined, undefined, 1, 1]);
  });

  test.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses a budget of %d', (maxBytes) => {
    expect(() => tierOf(maxBytes)).toThrow('`maxBytes`');
  });

  test('behaves as a list in order of use does', () => {
    const command = fc.record({
      verb: fc.constantFrom('get', 'set', 'delete'),
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      bytes: fc.nat(600),
    });
    fc.assert(
      fc.property(
        fc.array(command, { maxLength: 200 }),
        fc.integer({ min: 0, max: 2000 }),
        (commands, maxBytes) => {
          const tier = tierOf(maxBytes);
          // Most recent last.
          let model: { key: string; value: number }[] = [];
          const size = () => model.reduce((total, { value }) => total + value + OVERHEAD + 2, 0);
          for (const { verb, key, bytes } of commands) {
            const found = model.find((entry) => entry.key === key);
            if (verb === 'get') {
              expect(tier.get(key)).toBe(found?.value);
              if (found) model = [...model.filter((entry) => entry !== found), found];
            } else {
              model = model.filter((entry) => entry !== found);
              if (verb === 'delete') expect(tier.delete(key)).toBe(found !== undefined);
              if (verb === 'set') {
                tier.set(key, bytes);
                if (bytes + OVERHEAD + 2 <= maxBytes) model.push({ key, value: bytes });
                while (size() > maxBytes) model.shift();
              }
            }
            expect(tier.stats()).toMatchObject({ bytes: size(), entries: model.length });
          }
        },
      ),
    );
  });
});
