import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { median, weightedMedian } from './median.ts';

const some = fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 1, maxLength: 12 });

describe('a median', () => {
  it('is the middle value, or the mean of the two', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([])).toBeNaN();
    expect(weightedMedian([])).toBeNaN();
  });

  it('with equal weights is that without', () => {
    fc.assert(
      fc.property(some, (values) => {
        expect(weightedMedian(values.map((value) => ({ value, weight: 2 })))).toBe(median(values));
      }),
    );
  });

  it('counts a value with a whole weight as so many values', () => {
    const weighted = fc.array(
      fc.record({ value: fc.integer({ min: -9, max: 9 }), weight: fc.integer({ min: 1, max: 5 }) }),
      {
        minLength: 1,
        maxLength: 8,
      },
    );
    fc.assert(
      fc.property(weighted, (values) => {
        const repeated = values.flatMap(({ value, weight }) => Array<number>(weight).fill(value));
        expect(weightedMedian(values)).toBe(median(repeated));
      }),
    );
  });
});
