import { describe, expect, it } from 'vitest';
import { farthest, standsStill } from './static-test.ts';

const seen = (metres: (k: number) => number, points = 100, count = 20) =>
  Array.from({ length: count }, (_, k) => ({ apart: 0.1 * (k + 1), metres: metres(k), points }));

describe('the static test', () => {
  it.each<[string, boolean, ReturnType<typeof seen>]>([
    ['one that stays within the noise', true, seen((k) => 0.05 + 0.01 * (k % 5))],
    ['one that creeps away', false, seen((k) => 0.05 * k)],
    ['a far one of few points, whose fits scatter', true, seen((k) => 0.2 + 0.03 * (k % 5), 12)],
    [
      'a fast one, where the next car comes to its place at the end',
      false,
      seen((k) => (k < 14 ? 1 + k : 0.1)),
    ],
    ['one that nobody sees', true, []],
    ['one that is gone from its place', false, seen((k) => (k < 3 ? 0.1 : Number.POSITIVE_INFINITY))],
  ])('%s: %s', (_, isStill, displacements) => {
    expect(standsStill(displacements)).toBe(isStill);
  });

  it('takes a part of the frames as the farthest ones, at least one', () => {
    expect([1, 2, 5, 20].map(farthest)).toEqual([1, 1, 2, 8]);
  });
});
