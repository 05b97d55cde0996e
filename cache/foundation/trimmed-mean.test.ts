import { expect, it } from 'vitest';
import { TrimmedMean } from './trimmed-mean.ts';

const meanOf = (values: readonly number[], capacity?: number) => {
  const mean = new TrimmedMean(capacity);
  for (const value of values) mean.add(value);
  return mean.value;
};

it('is the mean of few values, and 0 of none', () => {
  expect(meanOf([])).toBe(0);
  expect(meanOf([4])).toBe(4);
  expect(meanOf([2, 4, 6])).toBe(4);
});

it('leaves out the largest eighth: an outlier changes nothing', () => {
  const usual = Array.from({ length: 31 }, () => 10);
  expect(meanOf([...usual, 60_000])).toBe(10);
  expect(meanOf([60_000, ...usual])).toBe(10);
  expect(meanOf([...usual.slice(0, 28), 1e9, 1e9, 1e9, 1e9])).toBe(10);
});

it('follows a change once the old values are out of its memory', () => {
  expect(meanOf([...Array(32).fill(10), ...Array(32).fill(20)])).toBe(20);
  expect(meanOf([1, 1, 9, 9], 2)).toBe(9);
});
