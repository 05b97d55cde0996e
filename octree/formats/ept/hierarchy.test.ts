import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Key } from '../../geometry/index.ts';
import { parseEptPage, unpackPage } from './hierarchy.ts';

const parse = (page: unknown, root = '0-0-0-0') =>
  parseEptPage(new TextEncoder().encode(JSON.stringify(page)), Key.parse(root)!, 7);

describe('an EPT hierarchy page', () => {
  test('gives its nodes', () => {
    const page = parse({ '0-0-0-0': 5, '1-0-0-0': 0, '2-1-1-1': 3, '1-1-0-0': -1 });
    expect([...page.nodes]).toEqual([
      ['0-0-0-0', 5],
      ['1-0-0-0', 0],
      ['2-1-1-1', 3],
      ['1-1-0-0', -1],
    ]);
    expect(page.storedBytes).toBe(7);
    expect(parse({ '1-1-0-0': 3, '2-2-0-0': 1 }, '1-1-0-0').nodes.size).toBe(2);
    expect(parse({}).nodes.size).toBe(0);
  });

  test.each<[string, unknown, string?]>([
    ['not below', { '0-0-0-0': 1, nonsense: 2 }],
    ['not below', { '0-0-0-0': 1, '1-2-0-0': 2 }],
    ['not below', { '0-0-0-0': 1, constructor: 2 }],
    ['not below', { '1-1-0-0': 1, '1-0-0-0': 1 }, '1-1-0-0'],
    ['cannot have', { '0-0-0-0': 1.5 }],
    ['cannot have', { '0-0-0-0': '7' }],
    ['cannot have', { '0-0-0-0': -2 }],
    ['cannot have', { '0-0-0-0': 1e12 }],
    ['cannot have', { '0-0-0-0': null }],
    ['no parent', { '0-0-0-0': 1, '2-0-0-0': 2 }],
    ['belongs to the page', { '0-0-0-0': 1, '1-0-0-0': -1, '2-0-0-0': 2 }],
    ['refers to itself', { '0-0-0-0': -1 }],
    ['not in its own page', { '1-0-0-0': 1 }],
    ['an object', []],
    ['an object', null],
    ['an object', 7],
  ])('is refused where something is %s', (why, page, root) => {
    expect(() => parse(page, root)).toThrow(why);
  });

  test('is unpacked within a bound, unless a store has done so on the way', async () => {
    const text = new TextEncoder().encode('{"0-0-0-0":1}');
    expect([...(await unpackPage(new Uint8Array(gzipSync(text)), 'gzip', 100))]).toEqual([...text]);
    expect(await unpackPage(text, 'gzip', 100)).toBe(text);
    expect(await unpackPage(text, 'json', 100)).toBe(text);
    const bomb = new Uint8Array(gzipSync(new Uint8Array(1_000_000)));
    await expect(unpackPage(bomb, 'gzip', 1000)).rejects.toThrow();
  });
});
