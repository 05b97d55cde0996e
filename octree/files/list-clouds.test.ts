import { describe, expect, test } from 'vitest';
import { MemorySource } from '../../cache/testing/index.ts';
import { listClouds } from './list-clouds.ts';

const sourceOf = (paths: readonly string[], rootName?: string) =>
  new MemorySource(
    paths.map((path) => [path, new Uint8Array(1)] as const),
    rootName === undefined ? {} : { rootName },
  );

const FILES = [
  'a/x/ept.json',
  'a/x/ept-data/0-0-0-0.bin',
  'a/x/inner/ept.json',
  'a-b/cloud.js',
  'b/metadata.json',
  'b/octree.bin',
  'b/cloud.js',
  'c.copc.laz',
  'a/d.copc.laz',
  'plain.laz',
  'empty/readme.txt',
  'half/metadata.json',
  '~making/ept.json',
  '.hidden/ept.json',
  'pct%41/ept.json',
];

const ALL = [
  { id: 'a-b', format: 'potree1' },
  { id: 'a/d.copc.laz', format: 'copc' },
  { id: 'a/x', format: 'ept' },
  { id: 'b', format: 'potree2' },
  { id: 'c.copc.laz', format: 'copc' },
];

describe('listClouds', () => {
  test('finds the clouds of every format in the order of their ids, and does not look into them', async () => {
    expect(await listClouds(sourceOf(FILES), { limit: 100 })).toEqual({ clouds: ALL, next: null });
  });

  test.each([1, 2, 3, 4])('pages of %d add up to all of them, each once', async (limit) => {
    const source = sourceOf(FILES);
    const found = [];
    for (let after: string | null = ''; after !== null; ) {
      const page: Awaited<ReturnType<typeof listClouds>> = await listClouds(source, { limit, after });
      expect(page.clouds.length).toBeLessThanOrEqual(limit);
      found.push(...page.clouds);
      after = page.next;
    }
    expect(found).toEqual(ALL);
  });

  test.each(ALL.map(({ id }, at) => [id, at] as const))('goes on behind %s', async (after, at) => {
    expect((await listClouds(sourceOf(FILES), { limit: 100, after })).clouds).toEqual(ALL.slice(at + 1));
  });

  test('begins behind any text, a cloud’s id or not', async () => {
    expect((await listClouds(sourceOf(FILES), { limit: 100, after: 'a-zzz' })).clouds).toEqual(ALL.slice(1));
    expect((await listClouds(sourceOf(FILES), { limit: 100, after: 'zzz' })).clouds).toEqual([]);
  });

  test('a root that is a cloud is the only one', async () => {
    const source = sourceOf(['ept.json', 'inner/ept.json'], 'root');
    expect(await listClouds(source, { limit: 9 })).toEqual({
      clouds: [{ id: 'root', format: 'ept' }],
      next: null,
    });
  });

  test('many folders without a cloud end a page early, and the pages still add up', async () => {
    const paths = Array.from({ length: 450 }, (_, i) => `f${String(i).padStart(3, '0')}/x.txt`);
    const source = sourceOf([...paths, 'f440/ept.json']);
    const pages = [];
    for (let after: string | null = ''; after !== null; ) {
      const page: Awaited<ReturnType<typeof listClouds>> = await listClouds(source, {
        limit: 5,
        after,
        maxFolders: 200,
      });
      pages.push(page.clouds.length);
      after = page.next;
    }
    expect(pages).toEqual([0, 0, 1]);
  });

  test('is refused where the storage cannot list', async () => {
    const { label, rootName } = new MemorySource();
    const source = { label, rootName, read: async () => null, stat: async () => null };
    await expect(listClouds(source, { limit: 1 })).rejects.toMatchObject({ code: 'forbidden' });
  });
});
