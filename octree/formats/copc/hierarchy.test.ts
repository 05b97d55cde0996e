import { describe, expect, test } from 'vitest';
import { isNearboxError, mulberry32 } from '../../../cache/foundation/index.ts';
import { Key } from '../../geometry/index.ts';
import { OWN_PAGE } from '../../hierarchy/index.ts';
import { damaged } from '../../testing/index.ts';
import { parseCopcPage } from './hierarchy.ts';

const extent = { fileSize: 10_000, pointsAt: 1000 };

/** [depth, x, y, z, offset, size, points] */
type Entry = readonly [number, number, number, number, number, number, number];

function pageOf(...entries: Entry[]): Uint8Array {
  const bytes = new Uint8Array(32 * entries.length);
  const view = new DataView(bytes.buffer);
  entries.forEach(([depth, x, y, z, offset, size, points], i) => {
    for (const [k, value] of [depth, x, y, z].entries()) view.setInt32(32 * i + 4 * k, value, true);
    view.setBigUint64(32 * i + 16, BigInt(offset), true);
    view.setInt32(32 * i + 24, size, true);
    view.setInt32(32 * i + 28, points, true);
  });
  return bytes;
}
const root: Entry = [0, 0, 0, 0, 1000, 50, 9];

describe('hierarchy pages', () => {
  test('records come in any order; a page is linked by its place', () => {
    const page = parseCopcPage(
      pageOf([2, 1, 0, 3, 1050, 10, 1], [1, 0, 0, 1, 0, 0, 0], [1, 1, 1, 1, 64, 320, -1], root),
      Key.root,
      extent,
      'c',
    );
    expect([...page.nodes]).toEqual([
      ['2-1-0-3', 1],
      ['1-0-0-1', 0],
      ['1-1-1-1', OWN_PAGE],
      ['0-0-0-0', 9],
    ]);
    expect(page.ranges.get('0-0-0-0')).toEqual({ offset: 1000, length: 50 });
    expect(page.ranges.get('1-1-1-1')).toEqual({ offset: 64, length: 320 });
  });

  test('a node without points has no place, whatever its record says: bytes=100-99 is answered with the whole file', () => {
    const page = parseCopcPage(pageOf(root, [1, 0, 0, 0, 99_999, -4, 0]), Key.root, extent, 'c');
    expect(page.nodes.get('1-0-0-0')).toBe(0);
    expect(page.ranges.has('1-0-0-0')).toBe(false);
  });

  test.each<[string, Uint8Array]>([
    ['no record', new Uint8Array(0)],
    ['half a record', pageOf(root).slice(0, 31)],
    ['no root', pageOf([1, 0, 0, 0, 1000, 50, 9])],
    ['a parent is missing', pageOf(root, [2, 0, 0, 0, 1000, 50, 9])],
    ['a child of a linked page', pageOf(root, [1, 0, 0, 0, 64, 32, -1], [2, 0, 0, 0, 1000, 50, 9])],
    ['the same node twice', pageOf(root, root)],
    ['a page that leads to itself', pageOf([0, 0, 0, 0, 64, 32, -1])],
    ['a page of 33 bytes', pageOf(root, [1, 0, 0, 0, 64, 33, -1])],
    ['a page of 0 bytes', pageOf(root, [1, 0, 0, 0, 64, 0, -1])],
    ['a page of 1 GiB', pageOf(root, [1, 0, 0, 0, 64, 2 ** 30, -1])],
    ['a page behind the end', pageOf(root, [1, 0, 0, 0, 9_984, 32, -1])],
    ['a chunk behind the end', pageOf([0, 0, 0, 0, 9_999, 2, 9])],
    ['a chunk in the header', pageOf([0, 0, 0, 0, 999, 50, 9])],
    ['a chunk of 0 bytes', pageOf([0, 0, 0, 0, 1000, 0, 9])],
    ['a chunk of -1 bytes', pageOf([0, 0, 0, 0, 1000, -1, 9])],
    ['-2 points', pageOf([0, 0, 0, 0, 1000, 50, -2])],
    ['2^31 - 1 points', pageOf([0, 0, 0, 0, 1000, 50, 2 ** 31 - 1])],
    ['a node outside of the grid', pageOf(root, [1, 2, 0, 0, 1000, 50, 9])],
    ['a negative place', pageOf(root, [1, -1, 0, 0, 1000, 50, 9])],
    ['a depth of 31', pageOf(root, [31, 0, 0, 0, 1000, 50, 9])],
  ])('%s: refused', (_what, bytes) => {
    expect(() => parseCopcPage(bytes, Key.root, extent, 'a/b')).toThrow(
      expect.objectContaining({
        code: 'corrupt_tile',
        message: expect.stringContaining('a/b: hierarchy page 0-0-0-0'),
      }),
    );
  });

  test('a page holds its own subtree only', () => {
    const own: Entry = [1, 0, 1, 0, 1000, 50, 9];
    expect(
      parseCopcPage(pageOf(own, [2, 1, 2, 0, 1050, 10, 1]), Key.create(1, 0, 1, 0), extent, 'c').nodes.size,
    ).toBe(2);
    expect(() =>
      parseCopcPage(pageOf(own, [2, 2, 2, 0, 1050, 10, 1]), Key.create(1, 0, 1, 0), extent, 'c'),
    ).toThrow(/2-2-2-0/);
  });

  test('damaged pages are refused or read, never worse', () => {
    const good = pageOf(root, [1, 0, 0, 1, 0, 0, 0], [2, 1, 0, 3, 1050, 10, 1], [1, 1, 1, 1, 64, 320, -1]);
    for (const copy of damaged(good, 2000, mulberry32(6))) {
      try {
        const { ranges } = parseCopcPage(copy, Key.root, extent, 'c');
        for (const { offset, length } of ranges.values())
          expect(offset + length).toBeLessThanOrEqual(extent.fileSize);
      } catch (error) {
        if (!isNearboxError(error, 'corrupt_tile')) throw error;
      }
    }
  });
});
