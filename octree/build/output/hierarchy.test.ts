import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Key } from '../../geometry/index.ts';
import { hierarchyPages } from './hierarchy.ts';

/** A random octree with points for each node. */
const tree: fc.Arbitrary<Map<string, number>> = fc
  .array(fc.array(fc.nat(7), { maxLength: 6 }), { maxLength: 60 })
  .map((paths) => {
    const counts = new Map([['0-0-0-0', 1]]);
    for (const path of paths) {
      let key: Key = Key.root;
      for (const index of path) {
        key = Key.child(key, index);
        counts.set(Key.format(key), 1 + (key.x % 5));
      }
    }
    return counts;
  });

function merged(counts: ReadonlyMap<string, number>, pageNodes: number): Map<string, number> {
  const pages = new Map(hierarchyPages(counts, pageNodes).map(({ root, entries }) => [root, entries]));
  const result = new Map<string, number>();
  const open = ['0-0-0-0'];
  for (let root = open.pop(); root !== undefined; root = open.pop()) {
    for (const [key, count] of Object.entries(pages.get(root)!)) {
      if (count === -1) open.push(key);
      else result.set(key, count);
    }
    pages.delete(root);
  }
  expect(pages.size).toBe(0);
  return result;
}

describe('hierarchyPages', () => {
  it('is one page for few nodes', () => {
    const counts = new Map([
      ['0-0-0-0', 5],
      ['1-0-1-0', 3],
    ]);
    expect(hierarchyPages(counts)).toEqual([{ root: '0-0-0-0', entries: { '0-0-0-0': 5, '1-0-1-0': 3 } }]);
  });

  it('names every node once, however it is split', () => {
    fc.assert(
      fc.property(tree, fc.integer({ min: 1, max: 40 }), (counts, pageNodes) => {
        expect(new Map([...merged(counts, pageNodes)].toSorted())).toEqual(new Map([...counts].toSorted()));
      }),
    );
  });

  it('keeps to the size of a page, but for the children at its lower end', () => {
    fc.assert(
      fc.property(tree, fc.integer({ min: 8, max: 40 }), (counts, pageNodes) => {
        for (const { entries } of hierarchyPages(counts, pageNodes)) {
          expect(Object.keys(entries).length).toBeLessThanOrEqual(9 * pageNodes);
        }
      }),
    );
  });
});
