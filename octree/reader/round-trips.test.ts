/** How often a first click on a cloud that nobody has asked for yet waits for the storage. */
import { describe, expect, test } from 'vitest';
import { MemorySource } from '../../cache/testing/index.ts';
import { InlineDecoders } from '../decode/index.ts';
import type { Region } from '../regions/index.ts';
import {
  BIN,
  makeEptCloud,
  ORIGIN,
  potree1Cloud,
  potree2Cloud,
  SMALL_CLOUDS,
  scatterNodes,
  storeCloud,
  TideSource,
  waitsOf,
} from '../testing/index.ts';
import { CloudReader } from './cloud-reader.ts';

interface TideOptions {
  readonly center?: readonly [number, number, number];
  /** For how long, as the storage says, the files have been there, seconds. Default: it does not say. */
  readonly unchangedSeconds?: number;
}

/** Long enough. */
const OLD = { unchangedSeconds: 60 };

/** The calls of a first read, one list for each time that was waited for an answer. */
async function tides(
  files: ReadonlyMap<string, Uint8Array>,
  { center = ORIGIN, unchangedSeconds }: TideOptions = {},
): Promise<string[][]> {
  const storage = { now: 0 };
  const memory = new MemorySource([], unchangedSeconds === undefined ? {} : { clock: () => storage.now });
  const id = storeCloud(memory, 'c', { files });
  storage.now = 1000 * (unchangedSeconds ?? 0);
  const source = new TideSource(memory);
  const reader = new CloudReader({ source, decoders: new InlineDecoders(), clock: () => storage.now });
  await reader.ready();
  const everything: Region = { type: 'sphere', center, radius: 100 };
  const { value, waits } = await waitsOf(source, reader.read(id, [everything]));
  expect(value.cost.nodes).toBeGreaterThan(1);
  await reader.close();
  return waits;
}

const kinds = (calls: readonly string[] | undefined) =>
  [...new Set(calls?.map((call) => call.replace(/^(\w+) .*?([\w-]*\.\w+)( .*)?$/, '$1 $2')))].sort();

const eptCloud = (options: { readonly hierarchyType?: 'gzip'; readonly pageStep?: number } = {}) =>
  makeEptCloud({
    raw: Array.from({ length: 200 }, (_, i) => [(i * 37) % 129, (i * 61) % 129, 0] as const),
    low: [ORIGIN[0] - 8, ORIGIN[1] - 8, ORIGIN[2] - 8],
    offset: [ORIGIN[0] - 8, ORIGIN[1] - 8, ORIGIN[2] - 8],
    edge: 16,
    scale: 0.125,
    nodePoints: 8,
    maxDepth: 2,
    ...options,
  });

describe('a first click', () => {
  test('on Potree 2: metadata with the hierarchy, then all nodes, as few reads as their places allow', async () => {
    const all = await tides(potree2Cloud(scatterNodes(8, 3, 20), { encoding: 'DEFAULT' }));
    expect(all).toHaveLength(2);
    expect(kinds(all[0])).toEqual(
      expect.arrayContaining(['GET hierarchy.bin', 'GET metadata.json', 'HEAD octree.bin']),
    );
    // All of the nodes, one after the other in the file: a single read. Beside it, one request whether the
    // three files are of one version.
    expect(all[1]!.filter((call) => call.startsWith('GET'))).toHaveLength(1);
    expect(kinds(all[1])).toEqual(['GET octree.bin', 'HEAD hierarchy.bin', 'HEAD metadata.json']);
  });

  describe('on COPC: the head with the end of the file, where the root page is, then all nodes', () => {
    const open = async () => {
      const { files, middle } = await SMALL_CLOUDS['COPC format-8']!();
      return { file: files.get('')!, options: { center: middle } };
    };
    /** The file with room behind it, and its root page moved to where the room ends. */
    const withPageAt = (file: Uint8Array, at: number, bytes: number) => {
      const padded = new Uint8Array(bytes);
      padded.set(file);
      const view = new DataView(padded.buffer);
      const [from, size] = [429 + 40, 429 + 48].map((place) => Number(view.getBigUint64(place, true)));
      padded.copyWithin(at, from!, from! + size!);
      view.setBigUint64(429 + 40, BigInt(at), true);
      return { files: new Map([['', padded]]), size: size! };
    };

    test('at the end, in the head, and in a file that is smaller than that', async () => {
      const { file, options } = await open();
      for (const files of [
        withPageAt(file, 99_936, 100_000).files,
        new Map([['', Uint8Array.from({ length: 100_000 }, (_, i) => file[i] ?? 0)]]),
        new Map([['', file]]),
      ]) {
        const all = await tides(files, options);
        expect(all).toHaveLength(2);
        expect(all[0]).toEqual(['GET c.copc.laz last 65536', 'GET c.copc.laz 0+65536']);
        expect(all[1]).toHaveLength(1);
      }
    });

    test('one more where the page is elsewhere', async () => {
      const { file, options } = await open();
      const { files, size } = withPageAt(file, 100_000, 200_000);
      const all = await tides(files, options);
      expect(all).toHaveLength(3);
      expect(all[1]).toEqual([`GET c.copc.laz 100000+${size}`]);
    });
  });

  test('on EPT: metadata with the root page, then all nodes, where the storage says for how long they have been there', async () => {
    const { files } = await eptCloud({});
    const all = await tides(files, OLD);
    expect(all).toHaveLength(2);
    expect(kinds(all[0])).toEqual(expect.arrayContaining(['GET 0-0-0-0.json', 'GET ept.json']));
    expect(all[1]!.length).toBeGreaterThan(15);
    expect(all[1]!.every((call) => call.startsWith('GET c/ept-data/'))).toBe(true);
    // That of a gzipped hierarchy is only known from ept.json.
    expect(await tides((await eptCloud({ hierarchyType: 'gzip' })).files, OLD)).toHaveLength(3);
  });

  test('on EPT elsewhere, or where they are too new to tell: the same, then a revalidation', async () => {
    const { files } = await eptCloud({});
    for (const options of [{}, { unchangedSeconds: 9 }]) {
      const all = await tides(files, options);
      expect(all).toHaveLength(3);
      expect(kinds(all[2])).toEqual(['HEAD 0-0-0-0.json', 'HEAD ept.json']);
    }
  });

  test('costs one more for each level of further pages, however many they are', async () => {
    const { files, nodes } = await eptCloud({ pageStep: 2 });
    const depth = Math.max(...[...nodes.keys()].map((key) => Number(key.split('-')[0])));
    const pages = Math.floor(depth / 2);
    expect(pages).toBeGreaterThan(0);
    const all = await tides(files, OLD);
    expect(all).toHaveLength(2 + pages);
    expect(all.flat().some((call) => call.startsWith('HEAD c/e'))).toBe(false);
    expect(await tides(files)).toHaveLength(3 + pages);
  });

  test.each([
    ['1.7, pages in .hrc files', { ...BIN['Potree 1.7']!, step: 5 }, ['GET cloud.js', 'GET r.hrc']],
    ['1.4, the hierarchy in cloud.js', BIN['Potree 1.4']!, ['GET cloud.js']],
  ])('on Potree %s: the same', async (_, options, metadata) => {
    const files = potree1Cloud(scatterNodes(8, 2, 20), options);
    const all = await tides(files, OLD);
    expect(all).toHaveLength(2);
    expect(kinds(all[0])).toEqual(expect.arrayContaining(metadata));
    expect(all[1]!.every((call) => call.startsWith('GET c/data/r'))).toBe(true);
    const elsewhere = await tides(files);
    expect(elsewhere).toHaveLength(3);
    expect(kinds(elsewhere[2])).toEqual(metadata.map((call) => call.replace('GET', 'HEAD')));
  });
});

/** The calls of a first read of a cloud that has neighbours of its format, one list for each wait. */
async function tidesBesideNeighbour(
  files: ReadonlyMap<string, Uint8Array>,
  { center = ORIGIN, unchangedSeconds, most }: TideOptions & { readonly most?: number } = {},
): Promise<string[][]> {
  const storage = { now: 0 };
  const memory = new MemorySource([], unchangedSeconds === undefined ? {} : { clock: () => storage.now });
  const [first, second] = ['s/a', 's/b'].map((name) => storeCloud(memory, name, { files }));
  storage.now = 1000 * (unchangedSeconds ?? 0);
  const source = new TideSource(memory);
  const reader = new CloudReader({ source, decoders: new InlineDecoders(), clock: () => storage.now });
  await reader.ready();
  const everything: Region = { type: 'sphere', center, radius: 100 };
  await waitsOf(source, reader.read(first!, [everything]));
  const { waits } = await waitsOf(source, reader.read(second!, [everything]), most);
  await reader.close();
  return waits;
}

describe('a first click on a cloud whose neighbour is known', () => {
  const isNode = (call: string) => /ept-data|data\/r.*\.bin|octree\.bin \d/.test(call);

  test('makes at most 6 requests besides nodes, and waits no more often', async () => {
    const formats: [ReadonlyMap<string, Uint8Array>, number, number, number][] = [
      // Files; requests besides nodes where the storage says for how long they have been there, and
      // elsewhere; waits elsewhere.
      [(await eptCloud()).files, 2, 4, 3],
      [potree2Cloud(scatterNodes(8, 3, 20), { encoding: 'DEFAULT' }), 4, 6, 2],
      [potree1Cloud(scatterNodes(8, 2, 20), { ...BIN['Potree 1.7']!, step: 5 }), 4, 6, 3],
    ];
    for (const [files, dated, elsewhere, waits] of formats) {
      const [old, unknown] = [await tidesBesideNeighbour(files, OLD), await tidesBesideNeighbour(files)];
      expect(old.flat().filter((call) => !isNode(call))).toHaveLength(dated);
      expect(old).toHaveLength(2);
      expect(unknown.flat().filter((call) => !isNode(call))).toHaveLength(elsewhere);
      expect(unknown).toHaveLength(waits);
    }
  });

  test('revalidates its version once, after the last node, however late each node comes', async () => {
    const all = await tidesBesideNeighbour((await eptCloud()).files, { most: 1 });
    const calls = all.flat();
    expect(calls.filter((call) => call.startsWith('HEAD'))).toHaveLength(2);
    expect(calls.slice(-2).every((call) => call.startsWith('HEAD'))).toBe(true);
  });
});
