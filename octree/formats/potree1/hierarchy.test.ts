import { describe, expect, test } from 'vitest';
import { isNearboxError, mulberry32 } from '../../../cache/foundation/index.ts';
import { Key } from '../../geometry/index.ts';
import { OWN_PAGE } from '../../hierarchy/index.ts';
import { damaged, page, scatterNodes } from '../../testing/index.ts';
import { parsePotree1List, parsePotree1Page } from './hierarchy.ts';
import { potree1Path } from './paths.ts';

const record = (mask: number, points: number) => [mask, points & 255, points >> 8, 0, 0];

describe('.hrc pages', () => {
  test('records are breadth-first; only nodes of the last level lead to pages of their own', () => {
    // r has children 1 and 4; r1 has child 6; step 1: r1 is linked, r4 is a leaf.
    const bytes = Uint8Array.from([record(0b10010, 7), record(0b1000000, 300), record(0, 5)].flat());
    const { nodes } = parsePotree1Page(bytes, Key.root, 1, 'c');
    expect([...nodes]).toEqual([
      ['0-0-0-0', 7],
      ['1-0-0-1', OWN_PAGE],
      ['1-1-0-0', 5],
    ]);
  });

  test('a page below begins with the record of its node again, and a leaf on a page level has a page of one record', () => {
    const bytes = Uint8Array.from([...record(0b1, 300), ...record(0, 9)]);
    const { nodes } = parsePotree1Page(bytes, Key.create(1, 0, 0, 1), 1, 'c');
    expect([...nodes]).toEqual([
      ['1-0-0-1', 300],
      ['2-0-0-2', 9],
    ]);
    expect(parsePotree1Page(Uint8Array.from(record(0, 5)), Key.create(1, 1, 0, 0), 1, 'c').nodes.size).toBe(
      1,
    );
  });

  test.each([
    ['no record', []],
    ['half a record', [1, 2, 3]],
    ['a child is missing', record(0b11, 7)],
    ['a record is left over', [...record(0, 7), ...record(0, 7)]],
    ['more points than any node has', [0, 255, 255, 255, 255]],
  ])('%s: refused', (_what, bytes) => {
    expect(() => parsePotree1Page(Uint8Array.from(bytes), Key.root, 2, 'c')).toThrow(
      /c: hierarchy page 0-0-0-0/,
    );
  });

  test('damaged pages are refused or read, never worse', () => {
    const good = page(scatterNodes(3, 3, 50), Key.root, 3);
    for (const copy of damaged(good, 2000, mulberry32(2))) {
      try {
        const { nodes } = parsePotree1Page(copy, Key.root, 3, 'c');
        expect(nodes.size).toBe(copy.length / 5);
      } catch (error) {
        if (!isNearboxError(error, 'corrupt_tile')) throw error;
      }
    }
  });
});

describe('the hierarchy of 1.4', () => {
  test('lists names and counts', () => {
    const { nodes } = parsePotree1List(
      [
        ['r', 4],
        ['r0', 2],
        ['r07', 0],
      ],
      'c',
    );
    expect([...nodes]).toEqual([
      ['0-0-0-0', 4],
      ['1-0-0-0', 2],
      ['2-1-1-1', 0],
    ]);
  });

  test.each([
    [[]],
    [[['r0', 1]]],
    [
      [
        ['r', 1],
        ['r01', 1],
      ],
    ],
    [
      [
        ['r', 1],
        ['r', 1],
      ],
    ],
    [[['r', -1]]],
    [[['r', 1.5]]],
    [[['r', '1']]],
    [[['r', 1e12]]],
    [[['../r', 1]]],
    [[null]],
    [['r']],
    [[{ name: 'r' }]],
  ])('%j is refused', (list) => {
    expect(() => parsePotree1List(list as unknown[], 'c')).toThrow(
      expect.objectContaining({ code: 'corrupt_tile' }),
    );
  });
});

describe('paths of nodes', () => {
  const path = (depth: number, x: number, y: number, z: number, step: number | null) =>
    potree1Path(Key.create(depth, x, y, z), 'bin', step);

  test('a node whose depth is a multiple of the step lies in the folder of its own digits', () => {
    expect(path(0, 0, 0, 0, 5)).toBe('r/r.bin');
    // r24076: x 0 1 0 1 1, y 1 0 0 1 1, z 0 0 0 1 0
    expect(path(5, 0b01011, 0b10011, 0b00010, 5)).toBe('r/24076/r24076.bin');
    expect(path(4, 0b0101, 0b1001, 0b0001, 5)).toBe('r/r2407.bin');
    expect(path(5, 0b01011, 0b10011, 0b00010, 2)).toBe('r/24/07/r24076.bin');
  });

  test('in 1.4 all of them lie in one folder', () => {
    expect(path(5, 0b01011, 0b10011, 0b00010, null)).toBe('r24076.bin');
  });
});
