import { expect, it } from 'vitest';
import { mulberry32 } from './mulberry32.ts';

it('gives the numbers of the published algorithm', () => {
  // bryc's mulberry32 in C with uint32_t, seed 1: the first three results.
  const next = mulberry32(1);
  expect([next(), next(), next()].map((value) => value * 2 ** 32)).toEqual([
    2_693_262_067, 11_749_833, 2_265_367_787,
  ]);
});

it('takes a negative seed like its unsigned one', () => {
  expect(mulberry32(-1)()).toBe(mulberry32(2 ** 32 - 1)());
});
