/**
 * After a click on a small cloud the rest of it is read, so that the next click needs nothing from the
 * storage.
 */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { MemorySource } from '../../cache/testing/index.ts';
import { InlineDecoders } from '../decode/index.ts';
import type { Region } from '../regions/index.ts';
import { makeEptCloud, ORIGIN, potree2Cloud, scatterNodes, storeCloud } from '../testing/index.ts';
import { CloudReader } from './cloud-reader.ts';

const CORNER: Region = { type: 'sphere', center: [ORIGIN[0] - 7, ORIGIN[1] - 7, ORIGIN[2] - 7], radius: 1 };
const EVERYTHING: Region = { type: 'sphere', center: ORIGIN, radius: 100 };

const readers: CloudReader[] = [];
afterEach(async () => {
  for (const reader of readers.splice(0)) await reader.close();
});

const ept = () =>
  makeEptCloud({
    raw: Array.from({ length: 200 }, (_, i) => [(i * 37) % 129, (i * 61) % 129, 0] as const),
    low: [ORIGIN[0] - 8, ORIGIN[1] - 8, ORIGIN[2] - 8],
    offset: [ORIGIN[0] - 8, ORIGIN[1] - 8, ORIGIN[2] - 8],
    edge: 16,
    scale: 0.125,
    nodePoints: 8,
    maxDepth: 2,
  });

function setUp(files: ReadonlyMap<string, Uint8Array>, readAheadPoints: number) {
  const source = new MemorySource();
  const id = storeCloud(source, 'c', { files });
  const reader = new CloudReader({ source, decoders: new InlineDecoders(), readAheadPoints });
  readers.push(reader);
  return { source, id, reader };
}

describe('reading ahead', () => {
  test.each([
    ['files of their own', async () => (await ept()).files],
    ['stretches of one file', async () => potree2Cloud(scatterNodes(8, 2, 20), { encoding: 'DEFAULT' })],
  ])('brings the nodes that a click did not need into memory: %s', async (_, filesOf) => {
    const { source, id, reader } = setUp(await filesOf(), 10_000);
    const first = await reader.read(id, [CORNER]);
    await vi.waitUntil(() => reader.stats().readAhead.clouds === 1);
    await vi.waitUntil(() => reader.stats().inFlight === 0);
    await vi.waitUntil(async () => (await reader.read(id, [EVERYTHING])).cost.origin === 0);
    source.reads.clear();
    const all = await reader.read(id, [EVERYTHING]);
    expect(source.readCount).toBe(0);
    expect(all.cost.memory).toBe(first.cost.nodes + reader.stats().readAhead.nodes);
    // Nothing is left to read ahead.
    expect(reader.stats().readAhead.clouds).toBe(1);
  });

  test('is for small clouds only, and can be turned off', async () => {
    const { files } = await ept();
    for (const readAheadPoints of [0, 199]) {
      const { source, id, reader } = setUp(files, readAheadPoints);
      const { cost } = await reader.read(id, [CORNER]);
      await new Promise((resolve) => setTimeout(resolve, 60));
      const nodes = [...source.reads.keys()].filter((name) => name.includes('ept-data'));
      expect(nodes).toHaveLength(cost.nodes);
      expect(reader.stats().readAhead).toEqual({ clouds: 0, nodes: 0, skipped: 0 });
    }
  });

  test('goes by the hierarchy, not by what the metadata promise', async () => {
    const { files } = await ept();
    const metadata = JSON.parse(new TextDecoder().decode(files.get('ept.json')));
    const lying = new Map(files).set(
      'ept.json',
      new TextEncoder().encode(JSON.stringify({ ...metadata, points: 5 })),
    );
    const { id, reader } = setUp(lying, 100);
    await reader.read(id, [CORNER]);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(reader.stats().readAhead.clouds).toBe(0);
  });

  test('ends with the reader', async () => {
    const { source, id, reader } = setUp((await ept()).files, 10_000);
    const { cost } = await reader.read(id, [CORNER]);
    await reader.close();
    await new Promise((resolve) => setTimeout(resolve, 60));
    const nodes = [...source.reads.keys()].filter((name) => name.includes('ept-data'));
    expect(nodes).toHaveLength(cost.nodes);
  });
});
