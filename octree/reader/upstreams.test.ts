/**
 * Nodes that come by their URLs, from a CDN or another instance: the same points in every format, and the
 * storage where that fails.
 */
import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { NearboxError } from '../../cache/foundation/index.ts';
import { MemorySource } from '../../cache/testing/index.ts';
import { nodePath, type TileUpstream } from '../../cache/tiles/index.ts';
import { InlineDecoders } from '../decode/index.ts';
import { Key } from '../geometry/index.ts';
import type { Region } from '../regions/index.ts';
import {
  lazCloud,
  listed,
  makeEptCloud,
  potree1Cloud,
  potree2Cloud,
  scatterNodes,
  sorted,
} from '../testing/index.ts';
import { CloudReader } from './cloud-reader.ts';

const EVERYTHING: Region = { type: 'sphere', center: [0, 0, 0], radius: 1e7 };
const COPC = new URL('../formats/copc/fixtures/format-7-pages.copc.laz', import.meta.url);

const readers: CloudReader[] = [];
afterEach(async () => {
  for (const reader of readers.splice(0)) await reader.close();
});

const scattered = scatterNodes(7, 3, 20);
const eptCloud = (height = 31) =>
  makeEptCloud({
    raw: Array.from({ length: 100 }, (_, i): [number, number, number] => [
      (i * 7919) % 64000,
      (i * 104729) % 64000,
      height,
    ]),
    low: [0, 0, 0],
    edge: 64,
    nodePoints: 10,
    pageStep: 2,
  });

type Files = Iterable<readonly [string, Uint8Array]>;

const FORMATS: [string, string, () => Promise<Files>][] = [
  ['EPT', 'c', async () => (await eptCloud()).files],
  ['EPT of LAZ', 'c', async () => lazCloud().files],
  [
    'Potree 1',
    'c',
    async () =>
      potree1Cloud(scattered, {
        version: '1.8',
        pointAttributes: ['POSITION_CARTESIAN', 'INTENSITY'],
        fields: [
          { size: 12, is: 'position' },
          { size: 2, is: 'intensity' },
        ],
      }),
  ],
  ['Potree 2', 'c', async () => potree2Cloud(scattered, { encoding: 'DEFAULT' })],
  ['COPC', 'c.copc.laz', async () => [['', await readFile(COPC)]]],
];

/** An instance with the storage, and one that asks it for nodes first. */
function setUp(id: string, files: Files) {
  const objects = [...files].map(([path, bytes]) => [path === '' ? id : `${id}/${path}`, bytes] as const);
  const source = new MemorySource(objects);
  const asked: string[] = [];
  const origin = new CloudReader({ source, decoders: new InlineDecoders(), versionTtlMs: 0 });
  const upstream: TileUpstream & { fail: (() => Promise<Uint8Array<ArrayBuffer> | null>) | null } = {
    name: 'cdn',
    hedgeAfterMs: 60_000,
    fail: null,
    async read(address, { signal }) {
      asked.push(nodePath(address));
      if (this.fail !== null) return this.fail();
      const key = Key.parse(address.node)!;
      const options = { signal, reach: 'direct' } as const;
      return (await origin.storedNode(address.cloud, address.version, key, options)).bytes;
    },
  };
  const edge = new CloudReader({
    source,
    upstreams: [upstream],
    decoders: new InlineDecoders(),
    versionTtlMs: 0,
  });
  readers.push(origin, edge);
  const points = async (reader: CloudReader) => {
    const view = await reader.read(id, [EVERYTHING]);
    return { cost: view.cost, points: sorted(listed(view.points(EVERYTHING))) };
  };
  return { source, origin, edge, upstream, asked, points };
}

test.each(FORMATS)('%s: the same points, and no node from the storage', async (_name, id, files) => {
  const { origin, edge, asked, points } = setUp(id, await files());
  const { cost, points: found } = await points(edge);
  expect(edge.stats().bytes).toMatchObject({ originReads: 0, upstreams: { cdn: { reads: cost.nodes } } });
  expect(cost).toMatchObject({ memory: 0, disk: 0, origin: cost.nodes });
  expect(found).toEqual((await points(origin)).points);
  const { version } = await origin.cloud(id);
  expect(new Set(asked).size).toBe(cost.nodes);
  for (const path of asked) expect(path).toMatch(new RegExp(`^~${version}/${id}/nodes/\\d+-\\d+-\\d+-\\d+$`));
});

describe('the storage is asked', () => {
  const failures: [string, () => Promise<Uint8Array<ArrayBuffer> | null>][] = [
    ['fails', () => Promise.reject(new NearboxError('source_unavailable', 'down'))],
    ['has nothing', async () => null],
    ['gives what is no tile', async () => new Uint8Array(5)],
  ];
  test.each(failures)('where the other place %s', async (_name, fail) => {
    const { edge, upstream, origin, points } = setUp('c', (await eptCloud()).files);
    upstream.fail = fail;
    const { cost, points: found } = await points(edge);
    expect(edge.stats().bytes.originReads).toBe(cost.nodes);
    expect(found).toEqual((await points(origin)).points);
  });

  test('about the version: what another instance has of an older one is not mixed in', async () => {
    const { edge, source, origin, points } = setUp('c', (await eptCloud(1000)).files);
    await points(edge);
    for (const [path, bytes] of (await eptCloud(2000)).files) source.put(`c/${path}`, bytes);
    source.put('c/ept.json', new Uint8Array([...source.peek('c/ept.json')!, 32]));
    expect((await points(edge)).points).toEqual((await points(origin)).points);
  });
});

test('loads that wait for what this instance serves itself do not take its places', async () => {
  // A CDN in front of this very instance, and no more than one node at a time.
  const source = new MemorySource([...(await eptCloud()).files].map(([path, bytes]) => [`c/${path}`, bytes]));
  let reader: CloudReader;
  const upstream: TileUpstream = {
    name: 'cdn',
    hedgeAfterMs: 60_000,
    async read({ cloud, version, node }, { signal }) {
      const options = { signal, reach: 'direct' } as const;
      return (await reader.storedNode(cloud, version, Key.parse(node)!, options)).bytes;
    },
  };
  reader = new CloudReader({ source, upstreams: [upstream], decoders: new InlineDecoders(), maxInFlight: 1 });
  readers.push(reader);
  const views = await Promise.all([1, 2, 3].map(() => reader.read('c', [EVERYTHING])));
  const { originReads, upstreams } = reader.stats().bytes;
  expect(views[0]!.cost.nodes).toBe(originReads);
  expect(upstreams?.cdn?.reads).toBe(originReads);
});
