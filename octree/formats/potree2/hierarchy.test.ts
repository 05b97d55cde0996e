import { describe, expect, test } from 'vitest';
import { isNearboxError, mulberry32 } from '../../../cache/foundation/index.ts';
import { Key } from '../../geometry/index.ts';
import { OWN_PAGE } from '../../hierarchy/index.ts';
import { damaged } from '../../testing/index.ts';
import { parsePotree2Chunk } from './hierarchy.ts';

const extent = { hierarchyBytes: 220, octreeBytes: 1000, stride: null };

/** [type, mask, points, offset, size] */
type Entry = readonly [number, number, number, number, number];

function chunkOf(...entries: Entry[]): Uint8Array {
  const bytes = new Uint8Array(22 * entries.length);
  const view = new DataView(bytes.buffer);
  entries.forEach(([type, mask, points, offset, size], i) => {
    view.setUint8(22 * i, type);
    view.setUint8(22 * i + 1, mask);
    view.setUint32(22 * i + 2, points, true);
    view.setBigUint64(22 * i + 6, BigInt(offset), true);
    view.setBigUint64(22 * i + 14, BigInt(size), true);
  });
  return bytes;
}
const leaf: Entry = [1, 0, 5, 100, 50];

describe('chunks of hierarchy.bin', () => {
  test('a proxy leads into hierarchy.bin; its mask is not expanded', () => {
    const page = parsePotree2Chunk(
      chunkOf([0, 0b10010, 7, 0, 70], [2, 0b111, 9, 66, 44], leaf),
      Key.root,
      extent,
      'c',
    );
    expect([...page.nodes]).toEqual([
      ['0-0-0-0', 7],
      ['1-0-0-1', OWN_PAGE],
      ['1-1-0-0', 5],
    ]);
    expect(page.ranges.get('1-0-0-1')).toEqual({ offset: 66, length: 44 });
    expect(page.ranges.get('1-1-0-0')).toEqual({ offset: 100, length: 50 });
  });

  test('a size of 0 means no points, even where a count says otherwise, and the children are still there', () => {
    const page = parsePotree2Chunk(chunkOf([0, 0b1, 12_345, 0, 0], leaf), Key.root, extent, 'c');
    expect(page.nodes.get('0-0-0-0')).toBe(0);
    expect(page.ranges.has('0-0-0-0')).toBe(false);
    expect(page.nodes.get('1-0-0-0')).toBe(5);
  });

  test('records of plain nodes must fill them exactly', () => {
    const parse = (stride: number) => () =>
      parsePotree2Chunk(chunkOf(leaf), Key.root, { ...extent, stride }, 'c');
    expect(parse(10)().nodes.size).toBe(1);
    expect(parse(11)).toThrow(/50 bytes are not 5 points of 11/);
  });

  test.each<[string, Uint8Array]>([
    ['no record', new Uint8Array(0)],
    ['half a record', chunkOf(leaf).slice(0, 21)],
    ['a child is missing', chunkOf([0, 0b11, 7, 0, 70], leaf)],
    ['a record is left over', chunkOf(leaf, leaf)],
    ['type 3', chunkOf([3, 0, 5, 100, 50])],
    ['a chunk that leads to itself', chunkOf([2, 0, 5, 0, 22])],
    ['a proxy behind the end', chunkOf([0, 1, 7, 0, 70], [2, 0, 9, 200, 22])],
    ['a proxy of 23 bytes', chunkOf([0, 1, 7, 0, 70], [2, 0, 9, 0, 23])],
    ['a proxy of 0 bytes', chunkOf([0, 1, 7, 0, 70], [2, 0, 9, 0, 0])],
    ['a node behind the end', chunkOf([1, 0, 5, 999, 2])],
    ['a node of bytes without points', chunkOf([1, 0, 0, 0, 50])],
    ['four billion points', chunkOf([1, 0, 2 ** 32 - 1, 0, 50])],
  ])('%s: refused', (_what, bytes) => {
    expect(() => parsePotree2Chunk(bytes, Key.root, extent, 'a/b')).toThrow(
      expect.objectContaining({
        code: 'corrupt_tile',
        message: expect.stringContaining('a/b: hierarchy chunk 0-0-0-0'),
      }),
    );
  });

  test('masks without end are stopped at the deepest level', () => {
    const records = Array.from({ length: 40 }, (): Entry => [0, 1, 5, 0, 50]);
    expect(() => parsePotree2Chunk(chunkOf(...records), Key.root, extent, 'c')).toThrow(/deeper than 30/);
  });

  test('damaged chunks are refused or read, never worse', () => {
    const good = chunkOf([0, 0b10010, 7, 0, 70], [0, 0b1, 9, 70, 30], leaf, [2, 0b111, 9, 66, 44]);
    for (const copy of damaged(good, 2000, mulberry32(8))) {
      try {
        expect(parsePotree2Chunk(copy, Key.root, extent, 'c').nodes.size).toBe(copy.length / 22);
      } catch (error) {
        if (!isNearboxError(error, 'corrupt_tile')) throw error;
      }
    }
  });
});
