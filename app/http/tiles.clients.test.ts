/** Clients of the formats read through /tiles as from a static host: copc.js, for COPC and for EPT's laszip nodes. */
import { existsSync, readFileSync } from 'node:fs';
import type http from 'node:http';
import { fileURLToPath } from 'node:url';
import { createAdaptorServer } from '@hono/node-server';
import { Copc, Ept, Las } from 'copc';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FolderSource } from '../../cache/index.ts';
import { CloudReader } from '../../octree/index.ts';
import { cloudApp } from './testing.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const INTEROP = fileURLToPath(new URL('../../../shared/interop', import.meta.url));

let reader: CloudReader;
let server: http.Server;
let base: string;

beforeAll(async () => {
  reader = new CloudReader({ source: new FolderSource({ root: INTEROP }), decodeWorkers: 1 });
  const { app, reader: unused } = await cloudApp({ reader });
  await unused.close();
  server = createAdaptorServer({ fetch: app.fetch }) as http.Server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await reader.close();
});

describe.skipIf(!existsSync(INTEROP))('copc.js', () => {
  it.each(['plain', 'of a version'])('reads a COPC cloud by ranges, %s', async (kind) => {
    const id = 'ellipsoid.copc.laz';
    const { version, points } = await reader.cloud(id);
    const url = `${base}/tiles/${kind === 'plain' ? '' : `~${version}/`}${id}`;
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
