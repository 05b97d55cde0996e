/** The disk tier under a reader: what it keeps, what it does not keep, and how it is read again. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DiskTier } from '../../cache/disk/index.ts';
import { MemorySource } from '../../cache/testing/index.ts';
import { InlineDecoders } from '../decode/index.ts';
import { Key } from '../geometry/index.ts';
import type { Region } from '../regions/index.ts';
import { makeEptCloud, type TestCloud } from '../testing/index.ts';
import { CloudReader } from './cloud-reader.ts';
import type { CloudReaderOptions } from './reader-options.ts';

const EVERYTHING: Region = { type: 'sphere', center: [32, 32, 32], radius: 1000 };
/** All points of a version lie at this height, so that a mix shows. */
const cloudAt = (height: number, extra = 0): Promise<TestCloud> =>
  makeEptCloud({
    raw: Array.from({ length: 200 + extra }, (_, i): [number, number, number] => [
      (i * 7919) % 64000,
      (i * 104729) % 64000,
      height,
    ]),
    low: [0, 0, 0],
    edge: 64,
    nodePoints: 10,
  });

let folder: string;
let source: MemorySource;
const open: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'nearbox-disk-'));
  source = new MemorySource();
  put(await cloudAt(1000));
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  await rm(folder, { recursive: true });
});

function put({ files }: TestCloud): void {
  for (const [name, bytes] of files) source.put(`c/${name}`, bytes);
}

/** A reader that has only now been started, on the disk that earlier ones had. */
async function start(options: Partial<CloudReaderOptions> = {}) {
  const disk = DiskTier.open({ folder, readTimeoutMs: 60_000 });
  await disk.idle();
  const reader = new CloudReader({ source, disk, decoders: new InlineDecoders(), ...options });
  open.unshift(disk);
  open.unshift(reader);
  const read = async () => {
    const view = await reader.read('c', [EVERYTHING]);
    const { xyz } = view.points(EVERYTHING);
    return { cost: view.cost, heights: new Set(xyz.filter((_, i) => i % 3 === 2)) };
  };
  return { disk, reader, read };
}

const nodeReads = () =>
  [...source.reads].filter(([name]) => name.includes('ept-data')).reduce((sum, [, times]) => sum + times, 0);

test('a node is fetched once, then lies in memory; after a restart it comes from disk', async () => {
  const first = await start();
  const cold = await first.read();
  expect(cold.cost).toMatchObject({ memory: 0, disk: 0, origin: cold.cost.nodes });
  expect((await first.read()).cost).toMatchObject({ memory: cold.cost.nodes, disk: 0, origin: 0 });
  await first.disk.idle();
  expect(first.reader.stats().disk).toMatchObject({ entries: cold.cost.nodes, hits: 0 });
  source.reads.clear();

  const second = await start();
  const warm = await second.read();
  const metadata = [...(await cloudAt(1000)).files].filter(([name]) => !name.includes('ept-data'));
  expect(warm.cost).toEqual({
    nodes: cold.cost.nodes,
    memory: 0,
    disk: cold.cost.nodes,
    origin: 0,
    bytes: metadata.reduce((sum, [, bytes]) => sum + bytes.length, 0),
  });
  expect(warm.heights).toEqual(cold.heights);
  expect(nodeReads()).toBe(0);
  expect(second.reader.stats().disk).toMatchObject({ hits: cold.cost.nodes, writes: 0 });
});

test('with no memory for tiles, each comes from disk each time', async () => {
  const { disk, read, reader } = await start({ tileMemoryBytes: 0 });
  const { cost } = await read();
  await disk.idle();
  expect((await read()).cost).toMatchObject({ memory: 0, disk: cost.nodes, origin: 0 });
  expect(nodeReads()).toBe(cost.nodes);
  expect(reader.stats().tiles).toMatchObject({ entries: 0, bytes: 0 });
});

test('what is not of the version, or does not decode, is not kept', async () => {
  const { disk, read } = await start();
  const next = await cloudAt(2000, 1);
  let nodes = 0;
  source.onRead = (name) => {
    if (name.includes('ept-data') && ++nodes === 5) put(next);
  };
  expect((await read()).heights).toEqual(new Set([2]));
  await disk.idle();
  source.onRead = null;
  const later = await start();
  expect((await later.read()).heights).toEqual(new Set([2]));

  const damaged = await cloudAt(3000, 2);
  const root = 'ept-data/0-0-0-0.bin';
  put(damaged);
  source.put(`c/${root}`, damaged.files.get(root)!.subarray(1));
  const last = await start();
  await expect(last.read()).rejects.toMatchObject({ code: 'corrupt_tile' });
  source.put(`c/${root}`, damaged.files.get(root)!);
  expect((await last.read()).heights).toEqual(new Set([3]));
});

test('a version that ends takes its tiles from the disk', async () => {
  const { disk, read, reader } = await start({ versionTtlMs: 0 });
  await read();
  await disk.idle();
  put(await cloudAt(2000, 1));
  expect((await read()).heights).toEqual(new Set([2]));
  await disk.idle();
  expect(disk.stats().entries).toBe((await reader.cloud('c')).nodes);
});

test('a node that is replaced in its place ends the version on disk as well', async () => {
  const { disk, read } = await start({ tileMemoryBytes: 0 });
  await read();
  await disk.idle();
  for (const [name, bytes] of (await cloudAt(2000)).files)
    if (name.includes('ept-data')) source.put(`c/${name}`, bytes);
  // Found out by the first node that the disk has not any more.
  await rm(
    (await readdir(folder, { recursive: true }))
      .map((name) => path.join(folder, name))
      .find((name) => name.endsWith('.tile'))!,
  );
  expect((await read()).heights).toEqual(new Set([2]));
  await disk.idle();
  expect((await read()).heights).toEqual(new Set([2]));
});

test('what lies on disk under the right name and is no tile is fetched once more, and replaced', async () => {
  const first = await start();
  const { version } = await first.reader.cloud('c');
  first.disk.put(`${version}/c`, '0-0-0-0', { bytes: new Uint8Array(7), etag: null });
  await first.disk.idle();
  const { cost, heights } = await first.read();
  expect(cost).toMatchObject({ disk: 0, origin: cost.nodes });
  expect(heights).toEqual(new Set([1]));
  await first.disk.idle();
  const second = await start();
  expect((await second.read()).cost).toMatchObject({ disk: cost.nodes, origin: 0 });
});

test('a node as it is stored comes from disk too, and is kept once it was seen to decode', async () => {
  const { disk, reader } = await start();
  const { version } = await reader.cloud('c');
  const stored = await reader.storedNode('c', version, Key.root);
  expect(stored).toMatchObject({ from: 'origin', bytes: source.peek('c/ept-data/0-0-0-0.bin') });
  await disk.idle();
  const again = await reader.storedNode('c', version, Key.root);
  expect(again).toMatchObject({ from: 'disk', bytes: stored.bytes });
  expect(nodeReads()).toBe(1);
});

test('a bit that flips in a tile at rest is found; the tile is fetched and written once more', async () => {
  const first = await start();
  const { cost, heights } = await first.read();
  await first.disk.idle();
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.tile'));
  expect(files.length).toBe(cost.nodes);
  for (const [i, name] of files.entries()) {
    const bytes = await readFile(path.join(folder, name));
    bytes[(i * 7919) % bytes.length]! ^= 1 << (i % 8);
    await writeFile(path.join(folder, name), bytes);
  }
  const second = await start();
  const read = await second.read();
  expect(read.cost).toMatchObject({ memory: 0, disk: 0, origin: cost.nodes });
  expect(read.heights).toEqual(heights);
  await second.disk.idle();
  expect(second.disk.stats()).toMatchObject({ corrupt: cost.nodes, writes: cost.nodes, entries: cost.nodes });
  const third = await start();
  expect((await third.read()).cost).toMatchObject({ disk: cost.nodes, origin: 0 });
});

test('a disk that fails or is full costs time, and nothing else', async () => {
  const { disk, read } = await start({ tileMemoryBytes: 0 });
  const { cost } = await read();
  await disk.idle();
  await rm(path.join(folder, 'tiles-v1'), { recursive: true });
  expect((await read()).cost).toMatchObject({ origin: cost.nodes });
});
