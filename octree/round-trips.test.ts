/** How often a first click on a cloud that nobody has asked for yet waits for the storage. */
import { describe, expect, test, vi } from 'vitest';
import type { ByteSource, ReadOptions, SourceOptions } from '../cache/byte-source.ts';
import { MemorySource } from '../cache/testing/memory-source.ts';
import { CloudReader } from './cloud-reader.ts';
import type { Region } from './region.ts';
import { BIN, SMALL_CLOUDS, storeCloud } from './testing/clouds.ts';
import { makeEptCloud } from './testing/ept-cloud.ts';
import { potree1Cloud } from './testing/potree1-cloud.ts';
import { potree2Cloud } from './testing/potree2-cloud.ts';
import { ORIGIN } from './testing/regions.ts';
import { scatterNodes } from './testing/scattered-nodes.ts';

// Threads start slowly where many share the cores.
vi.setConfig({ testTimeout: 60_000 });

/** Answers nothing until it is told to: then, all that is waited for. */
class TideSource implements ByteSource {
  readonly label = 'tides';
  readonly rootName = null;
  readonly #memory: MemorySource;
  readonly #waiting: { readonly call: string; readonly answer: () => void }[] = [];

  constructor(memory: MemorySource) {
    this.#memory = memory;
  }

  read(path: string, options: ReadOptions = {}) {
    const { range } = options;
    const part = range === undefined ? '' : ` ${range.offset}+${range.length}`;
    return this.#wait(`GET ${path}${part}`, () => this.#memory.read(path, options));
  }

  stat(path: string, options: SourceOptions = {}) {
    return this.#wait(`HEAD ${path}`, () => this.#memory.stat(path, options));
  }

  /** What was waited for. */
  turn(): string[] {
    const all = this.#waiting.splice(0);
    for (const { answer } of all) answer();
    return all.map(({ call }) => call);
  }

  async #wait<Value>(call: string, then: () => Promise<Value>): Promise<Value> {
    await new Promise<void>((answer) => this.#waiting.push({ call, answer }));
    return then();
  }
}

/** The calls of a first read, one list for each time that was waited for an answer. */
async function tides(
  files: ReadonlyMap<string, Uint8Array>,
  center: readonly [number, number, number] = ORIGIN,
): Promise<string[][]> {
  const memory = new MemorySource();
  const id = storeCloud(memory, 'c', { files });
  const source = new TideSource(memory);
  const reader = new CloudReader({ source, decodeWorkers: 1 });
  await reader.ready();
  const everything: Region = { type: 'sphere', center, radius: 100 };
  let isDone = false;
  const done = reader.read(id, [everything]).finally(() => {
    isDone = true;
  });
  const all: string[][] = [];
  while (!isDone) {
    // Until nothing more is asked for, nothing is answered.
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
    const calls = source.turn();
    if (calls.length > 0) all.push(calls);
  }
  expect((await done).cost.nodes).toBeGreaterThan(1);
  await reader.close();
  return all;
}

const kinds = (calls: readonly string[] | undefined) =>
  [...new Set(calls?.map((call) => call.replace(/^(\w+) .*?([\w-]*\.\w+)( .*)?$/, '$1 $2')))].sort();

describe('a first click', () => {
  test('on Potree 2: metadata with the hierarchy, then all nodes, as few reads as their places allow', async () => {
    const all = await tides(potree2Cloud(scatterNodes(8, 3, 20), { encoding: 'DEFAULT' }));
    expect(all).toHaveLength(2);
    expect(kinds(all[0])).toEqual(
      expect.arrayContaining(['GET hierarchy.bin', 'GET metadata.json', 'HEAD octree.bin']),
    );
    // All of the nodes, one after the other in the file: a single read. Beside it, one look at whether the three files are of one version.
    expect(all[1]!.filter((call) => call.startsWith('GET'))).toHaveLength(1);
    expect(kinds(all[1])).toEqual([
      'GET octree.bin',
      'HEAD hierarchy.bin',
      'HEAD metadata.json',
      'HEAD octree.bin',
    ]);
  });

  test('on COPC: the head, the root page unless that lies in the head, then all nodes', async () => {
    const { files, middle } = await SMALL_CLOUDS['COPC format-8']!();
    const whole = files.get('')!;
    const padded = new Uint8Array(100_000);
    padded.set(whole);
    const inHead = await tides(new Map([['', padded]]), middle);
    expect(inHead).toHaveLength(2);
    expect(inHead[1]).toHaveLength(1);

    // The page moved to the end of the file, where most writers put it.
    const view = new DataView(padded.buffer);
    const [at, size] = [Number(view.getBigUint64(429 + 40, true)), Number(view.getBigUint64(429 + 48, true))];
    padded.copyWithin(padded.length - size, at, at + size);
    view.setBigUint64(429 + 40, BigInt(padded.length - size), true);
    const atEnd = await tides(new Map([['', padded]]), middle);
    expect(atEnd).toHaveLength(3);
    expect(atEnd[1]).toEqual([`GET c.copc.laz ${padded.length - size}+${size}`]);
  });

  const ept = (options: { readonly hierarchyType?: 'gzip'; readonly pageStep?: number }) =>
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

  test('on EPT: metadata with the root page, then all nodes, then a look at whether it still is that cloud', async () => {
    const all = await tides((await ept({})).files);
    expect(all).toHaveLength(3);
    expect(kinds(all[0])).toEqual(expect.arrayContaining(['GET 0-0-0-0.json', 'GET ept.json']));
    expect(all[1]!.length).toBeGreaterThan(15);
    expect(all[1]!.every((call) => call.startsWith('GET c/ept-data/'))).toBe(true);
    expect(kinds(all[2])).toEqual(['HEAD 0-0-0-0.json', 'HEAD ept.json']);
    // That of a gzipped hierarchy is only known from ept.json.
    expect(await tides((await ept({ hierarchyType: 'gzip' })).files)).toHaveLength(4);
  });

  test('costs one more for each level of further pages, however many they are', async () => {
    const { files, nodes } = await ept({ pageStep: 2 });
    const depth = Math.max(...[...nodes.keys()].map((key) => Number(key.split('-')[0])));
    const pages = Math.floor(depth / 2);
    expect(pages).toBeGreaterThan(0);
    expect(await tides(files)).toHaveLength(3 + pages);
  });

  test('on Potree 1: metadata with the root page, then all nodes, then that look', async () => {
    const all = await tides(potree1Cloud(scatterNodes(8, 2, 20), { ...BIN['Potree 1.7']!, step: 5 }));
    expect(all).toHaveLength(3);
    expect(kinds(all[2])).toEqual(['HEAD cloud.js', 'HEAD r.hrc']);
  });
});
