/**
 * Clients of the formats read through /tiles as from a static host. copc.js stands for EPT's clients too
 * (ept-tools is in no package registry): its `Ept` parses the metadata and the hierarchy, its `Las` decodes
 * the nodes.
 */
import { existsSync, readFileSync } from 'node:fs';
import type http from 'node:http';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { createAdaptorServer } from '@hono/node-server';
import { Copc, Ept, type Hierarchy, Las, type View } from 'copc';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FolderSource } from '../../../../cache/index.ts';
import { MemorySource } from '../../../../cache/testing/index.ts';
import { CloudReader, InlineDecoders } from '../../../../octree/index.ts';
import { fixturePoints, lazCloud, makeEptCloud } from '../../../../octree/testing/index.ts';
import { cloudApp } from '../../testing/index.ts';

const INTEROP = fileURLToPath(new URL('../../../../../shared/interop', import.meta.url));

const COPC = new URL('../../../../octree/formats/copc/fixtures/', import.meta.url);

interface Served {
  readonly base: string;
  readonly reader: CloudReader;
  close(): Promise<void>;
}

async function serve(reader: CloudReader): Promise<Served> {
  const { app, reader: unused } = await cloudApp({ reader });
  await unused.close();
  const server = createAdaptorServer({ fetch: app.fetch }) as http.Server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    base: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    reader,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await reader.close();
    },
  };
}

const kinds = ['plain', 'of a version'] as const;

async function urlOf({ base, reader }: Served, id: string, kind: (typeof kinds)[number]): Promise<string> {
  if (kind === 'plain') return `${base}/tiles/${id}`;
  return `${base}/tiles/~${(await reader.cloud(id)).version}/${id}`;
}

/** Millimetres of every point, in an order of their own. */
function listed(points: Iterable<{ x: number; y: number; z: number }>): string[] {
  return Array.from(points, ({ x, y, z }) => [x, y, z].map((v) => Math.round(v * 1000)).join(' ')).sort();
}

function* pointsOf(view: View): Generator<{ x: number; y: number; z: number }> {
  const [x, y, z] = [view.getter('X'), view.getter('Y'), view.getter('Z')];
  for (let i = 0; i < view.pointCount; i++) yield { x: x(i), y: y(i), z: z(i) };
}

describe('copc.js on small clouds', () => {
  const name = 'format-7-pages';
  let served: Served;
  let ept: ReturnType<typeof lazCloud>;

  beforeAll(async () => {
    ept = lazCloud();
    const packed = await makeEptCloud({
      raw: Array.from({ length: 50 }, (_, i): [number, number, number] => [i, 2 * i, 3 * i]),
      low: [0, 0, 0],
      edge: 1,
      scale: 0.001,
      nodePoints: 10,
      hierarchyType: 'gzip',
    });
    const source = new MemorySource([
      [`copc/${name}.copc.laz`, new Uint8Array(readFileSync(new URL(`${name}.copc.laz`, COPC)))],
      ...[...ept.files].map(([path, bytes]) => [`ept/${path}`, bytes] as const),
      ...[...packed.files].map(([path, bytes]) => [`packed/${path}`, bytes] as const),
    ]);
    served = await serve(new CloudReader({ source, decoders: new InlineDecoders() }));
  });

  afterAll(() => served.close());

  it.each(kinds)('reads every point of a COPC cloud with hierarchy pages, %s', async (kind) => {
    const url = await urlOf(served, `copc/${name}.copc.laz`, kind);
    const copc = await Copc.create(url);
    const points: { x: number; y: number; z: number }[] = [];
    const pages: Hierarchy.Page[] = [copc.info.rootHierarchyPage];
    let pagesRead = 0;
    for (let page = pages.pop(); page !== undefined; page = pages.pop(), pagesRead++) {
      const { nodes, pages: below } = await Copc.loadHierarchyPage(url, page);
      pages.push(...Object.values(below).filter((one) => one !== undefined));
      for (const node of Object.values(nodes))
        if (node !== undefined && node.pointCount > 0)
          points.push(...pointsOf(await Copc.loadPointDataView(url, copc, node)));
    }
    expect(pagesRead).toBeGreaterThan(1);
    expect(listed(points)).toEqual(listed(fixturePoints(new URL(`${name}.points`, COPC))));
  });

  it.each(kinds)('reads every point of an EPT cloud, %s', async (kind) => {
    const url = await urlOf(served, 'ept', kind);
    const metadata = (await (await fetch(`${url}/ept.json`)).json()) as Ept.Ept;
    expect(metadata).toMatchObject({ dataType: 'laszip', points: ept.points.length });
    const page = (await (await fetch(`${url}/ept-hierarchy/0-0-0-0.json`)).json()) as Ept.Hierarchy;
    const points: { x: number; y: number; z: number }[] = [];
    for (const [key, node] of Object.entries(Ept.Hierarchy.parse(page).nodes)) {
      const file = new Uint8Array(await (await fetch(`${url}/ept-data/${key}.laz`)).arrayBuffer());
      const header = Las.Header.parse(file);
      expect(header.pointCount).toBe(node!.pointCount);
      points.push(...pointsOf(Las.View.create(await Las.PointData.decompressFile(file), header)));
    }
    expect(listed(points)).toEqual(listed(ept.points));
  });

  it('a packed hierarchy stays packed: the client is to unpack it, not the way to it', async () => {
    for (const kind of kinds) {
      const url = await urlOf(served, 'packed', kind);
      const response = await fetch(`${url}/ept-hierarchy/0-0-0-0.json.gz`);
      expect(response.headers.get('content-encoding')).toBe('identity');
      expect(response.headers.get('content-type')).toBe('application/gzip');
      const bytes = Buffer.from(await response.arrayBuffer());
      expect([...bytes.subarray(0, 2)]).toEqual([0x1f, 0x8b]);
      const { nodes } = Ept.Hierarchy.parse(JSON.parse(gunzipSync(bytes).toString()));
      expect(nodes['0-0-0-0']!.pointCount).toBe(10);
    }
  });
});

let interop: Served;
let base: string;
let reader: CloudReader;

beforeAll(async () => {
  reader = new CloudReader({ source: new FolderSource({ root: INTEROP }), decoders: new InlineDecoders() });
  interop = await serve(reader);
  base = interop.base;
});

afterAll(() => interop.close());

describe.skipIf(!existsSync(INTEROP))('copc.js on clouds of other programs', () => {
  it.each(kinds)('reads a COPC cloud by ranges, %s', async (kind) => {
    const id = 'ellipsoid.copc.laz';
    const { version, points } = await reader.cloud(id);
    const url = await urlOf(interop, id, kind);
    const copc = await Copc.create(url);
    expect(copc.header.pointCount).toBe(points);
    const { nodes } = await Copc.loadHierarchyPage(url, copc.info.rootHierarchyPage);
    const root = nodes['0-0-0-0']!;
    const view = await Copc.loadPointDataView(url, copc, root);
    expect(view.pointCount).toBe(root.pointCount);
    const compressed = await Copc.loadCompressedPointDataBuffer(url, root);
    const node = await fetch(`${base}/tiles/~${version}/${id}/nodes/0-0-0-0`);
    expect(Buffer.from(await node.arrayBuffer()).equals(compressed)).toBe(true);
  });

  it('reads an EPT cloud: metadata, hierarchy and a node', async () => {
    const url = `${base}/tiles/ept-ellipsoid-laszip`;
    const ept = (await (await fetch(`${url}/ept.json`)).json()) as Ept.Ept;
    const hierarchy = (await (await fetch(`${url}/ept-hierarchy/0-0-0-0.json`)).json()) as Ept.Hierarchy;
    const { nodes } = Ept.Hierarchy.parse(hierarchy);
    expect(ept.dataType).toBe('laszip');
    const laz = new Uint8Array(await (await fetch(`${url}/ept-data/0-0-0-0.laz`)).arrayBuffer());
    const header = Las.Header.parse(laz);
    expect(header.pointCount).toBe(nodes['0-0-0-0']!.pointCount);
    const stored = readFileSync(`${INTEROP}/ept-ellipsoid-laszip/ept-data/0-0-0-0.laz`);
    expect(stored.equals(laz)).toBe(true);
  });
});

describe.skipIf(!existsSync(INTEROP))('every file of the clouds of other programs', () => {
  it.each([
    'ept-ellipsoid-laszip/ept-build.json',
    'ept-ellipsoid-zstandard/ept-data/0-0-0-0.zst',
    'potree1-lion/cloud.js',
    'potree1-lion/data/r/r.hrc',
    'potree1-lion/data/r/r001.bin',
    'potree2-lone-star-brotli/metadata.json',
    'potree2-lone-star-brotli/hierarchy.bin',
    'potree2-lone-star-brotli/octree.bin',
    'lone-star.copc.laz',
  ])('%s is as it is stored', async (name) => {
    const response = await fetch(`${base}/tiles/${name}`);
    expect(response.status).toBe(200);
    const stored = readFileSync(`${INTEROP}/${name}`);
    expect(stored.equals(Buffer.from(await response.arrayBuffer()))).toBe(true);
  });
});
