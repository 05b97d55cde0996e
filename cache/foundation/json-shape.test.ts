import { describe, expect, test } from 'vitest';
import { checkJsonShape } from './json-shape.ts';

const check = (text: string, limits = { maxDepth: 4, maxValues: 10 }) =>
  checkJsonShape(new TextEncoder().encode(text), limits);

describe('the shape of a JSON text', () => {
  test.each([
    ['a number', '1'],
    ['four levels', '[[[[1]]]]'],
    ['many levels one after the other', '[[[]],[[]],[[]]]'],
    ['ten values', '[1,2,3,4,5,6,7,8,9]'],
    ['brackets and commas in a string', '["[[[[[[[[,,,,,,,,,,,,,,,"]'],
    ['an escaped quote before brackets', '["\\"[[[[[[[[,,,,,,,,,,,,"]'],
    ['an escaped backslash at the end of a string', '["\\\\",[[[1]]]]'],
    ['a string that does not end', '["[[[[[[[[[['],
    ['nothing', ''],
  ])('%s passes', (_, text) => check(text));

  test.each([
    ['five levels', '[[[[[1]]]]]', /deeper than 4 levels/],
    ['five levels of both kinds', '{"a":[{"b":[{"c":1}]}]}', /deeper than 4 levels/],
    ['five levels that never close', '[[[[[', /deeper than 4 levels/],
    ['eleven values', '[1,2,3,4,5,6,7,8,9,10]', /more than 10 values/],
    ['eleven empty arrays', '[[],[],[],[],[],[],[],[]]', /more than 10 values/],
    [
      'values behind a string that ends with a backslash',
      '["\\\\",2,3,4,5,6,7,8,9,10]',
      /more than 10 values/,
    ],
  ])('%s do not', (_, text, message) => expect(() => check(text)).toThrow(message));

  test('thirty million brackets are refused after a few of them', () => {
    const brackets = new Uint8Array(30_000_000).fill('['.charCodeAt(0));
    let reads = 0;
    const counted = new Proxy(brackets, {
      get: (target, name) => {
        if (typeof name === 'string' && /^\d+$/.test(name)) reads++;
        return Reflect.get(target, name, target);
      },
    });
    expect(() => checkJsonShape(counted, { maxDepth: 32, maxValues: 1000 })).toThrow(/deeper than 32/);
    expect(reads).toBeLessThan(1000);
  });
});
