/** Nodes and files of a cloud by name, in all formats: what is given out is what is stored. */
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { MemorySource } from '../../cache/testing/index.ts';
import { Key } from '../geometry/index.ts';
import { makeEptCloud, potree1Cloud, potree2Cloud, scatterNodes } from '../testing/index.ts';
import { CloudReader } from './cloud-reader.ts';

const COPC_FILE = new URL('../../../shared/interop/ellipsoid.copc.laz', import.meta.url);

const readers: CloudReader[] = [];
afterEach(async () => {
  for (const reader of readers.splice(0)) await reader.close();
});

const nodes = scatterNodes(7, 4, 40);
const potree1 = (version: string) =>
  potree1Cloud(nodes, {
    version,
    pointAttributes: ['POSITION_CARTESIAN', 'INTENSITY'],
    fields: [
      { size: 12, is: 'position' },
      { size: 2, is: 'intensity' },
    ],
  });
const eptCloud = () =>
  makeEptCloud({
    raw: Array.from({ length: 300 }, (_, i): [number, number, number] => [
      (i * 7919) % 64000,
      (i * 104729) % 64000,
      (i * 31) % 64000,
    ]),
    low: [0, 0, 0],
    edge: 64,
    nodePoints: 10,
    pageStep: 2,
  });

function serve(files: Iterable<readonly [string, Uint8Array]>, base = 'c/') {
  const source = new MemorySource([...files].map(([path, bytes]) => [base + path, bytes] as const));
  const reader = new CloudReader({ source, decodeWorkers: 1, versionTtlMs: 0 });
  readers.push(reader);
  return { source, reader };
}

/** All nodes, by following `more`. */
async function allNodes(reader: CloudReader, id: string, version: string, limit: number) {
  const found = new Map<string, number>();
  const roots = ['0-0-0-0'];
  for (let root = roots.pop(); root !== undefined; root = roots.pop()) {
    const { nodes: listed, more } = await reader.nodesBelow(id, version, Key.parse(root)!, limit);
    expect(listed.size).toBeLessThanOrEqual(limit);
    for (const [key, points] of listed) found.set(key, points);
    roots.push(...more);
  }
  return found;
}

describe('nodes by key', () => {
  test.each([1, 3, 4000])('a listing of EPT with pages, %d at a time, has every node', async (limit) => {
    const cloud = await eptCloud();
    const { reader } = serve(cloud.files);
    const { version } = await reader.cloud('c');
    expect(await allNodes(reader, 'c', version, limit)).toEqual(cloud.nodes);
  });

  test.each([
    ['potree1 1.4', potree1('1.4')],
    ['potree1 1.7', potree1('1.7')],
    ['potree2', potree2Cloud(nodes, { encoding: 'DEFAULT' })],
    ['potree2 brotli', potree2Cloud(nodes, { encoding: 'BROTLI' })],
  ])('%s: counts, decoded points and stored bytes agree', async (name, files) => {
    const { reader, source } = serve(files);
    const { version } = await reader.cloud('c');
    const listed = await allNodes(reader, 'c', version, 5);
    const stored: Uint8Array[] = [];
    for (const { key, points } of nodes) {
      const id = Key.format(key);
      expect(listed.get(id), id).toBe(points.length);
      if (points.length === 0) {
        await expect(reader.node('c', version, key)).rejects.toMatchObject({ code: 'not_found' });
        continue;
      }
      expect((await reader.node('c', version, key)).count).toBe(points.length);
      stored.push((await reader.storedNode('c', version, key)).bytes);
    }
    // Every stored byte of the nodes is given out, whichever file it lies in.
    const inFiles = [...files].filter(([path]) => path.endsWith('.bin') && !path.startsWith('hierarchy'));
    const size = (parts: readonly Uint8Array[]) => parts.reduce((sum, part) => sum + part.byteLength, 0);
    expect(size(stored), name).toBe(size(inFiles.map(([, bytes]) => bytes)));
    expect(source.readCount).toBeGreaterThan(0);
  });

  test.skipIf(!existsSync(COPC_FILE))('COPC: a node’s stretch of the file', async () => {
    const bytes = new Uint8Array(readFileSync(COPC_FILE));
    const { reader } = serve([['', bytes]], 'e.copc.laz');
    const { version } = await reader.cloud('e.copc.laz');
    const stored = await reader.storedNode('e.copc.laz', version, Key.root);
    expect(Buffer.from(bytes).includes(Buffer.from(stored.bytes))).toBe(true);
    expect((await reader.node('e.copc.laz', version, Key.root)).count).toBe(
      (await reader.nodesBelow('e.copc.laz', version, Key.root, 1)).nodes.get('0-0-0-0'),
    );
  });

  test('of a version that is gone, or not there yet when this reader looked last', async () => {
    const { reader, source } = serve((await eptCloud()).files);
    const { version } = await reader.cloud('c');
    await expect(reader.node('c', 'other', Key.root)).rejects.toMatchObject({ code: 'version_gone' });
    const ept = JSON.parse(Buffer.from(source.peek('c/ept.json')!).toString());
    source.put('c/ept.json', Buffer.from(JSON.stringify({ ...ept, note: 1 })));
    const next = serve([...(await eptCloud()).files]);
    next.source.put('c/ept.json', Buffer.from(JSON.stringify({ ...ept, note: 1 })));
    const later = (await next.reader.cloud('c')).version;
    expect(later).not.toBe(version);
    expect((await reader.storedNode('c', later, Key.root)).bytes.byteLength).toBeGreaterThan(0);
    await expect(reader.storedNode('c', version, Key.root)).rejects.toMatchObject({ code: 'version_gone' });
  });

  test('a node that is missing or of another length is named', async () => {
    const { reader, source } = serve((await eptCloud()).files);
    const { version } = await reader.cloud('c');
    await expect(reader.node('c', version, Key.create(9, 1, 1, 1))).rejects.toMatchObject({
      code: 'not_found',
    });
    source.put('c/ept-data/0-0-0-0.bin', new Uint8Array(3));
    await expect(reader.storedNode('c', version, Key.root)).rejects.toMatchObject({ code: 'corrupt_tile' });
    source.remove('c/ept-data/0-0-0-0.bin');
    await expect(reader.storedNode('c', version, Key.root)).rejects.toThrow(/node 0-0-0-0 of cloud "c"/);
  });
});

describe('files', () => {
  const read = (reader: CloudReader, path: string, version: string | null = null) =>
    reader.files.use({ path, version }, (file) => file.read({ offset: 0, length: file.size }));

  test.each([
    ['ept', eptCloud().then(({ files }) => files)],
    ['potree1 1.4', Promise.resolve(potree1('1.4'))],
    ['potree1 1.7', Promise.resolve(potree1('1.7'))],
    ['potree2', Promise.resolve(potree2Cloud(nodes, { encoding: 'DEFAULT' }))],
  ])('%s: every file is given out as it is, by either path', async (_name, made) => {
    const files = await made;
    const { reader } = serve(files);
    const { version } = await reader.cloud('c');
    for (const [path, bytes] of files) {
      expect(Buffer.from(await read(reader, `c/${path}`)).equals(bytes), path).toBe(true);
      expect(Buffer.from(await read(reader, `c/${path}`, version)).equals(bytes), path).toBe(true);
    }
  });

  test('nothing else that lies there is', async () => {
    const { reader, source } = serve((await eptCloud()).files);
    const { version } = await reader.cloud('c');
    for (const path of [
      'secret.txt',
      'ept.json.bak',
      'ept-data/secret',
      'ept-data/0-0-0-9.bin',
      '.env',
      'cloud.js',
    ]) {
      source.put(`c/${path}`, new Uint8Array(9));
      await expect(read(reader, `c/${path}`), path).rejects.toThrow(/file/);
      await expect(read(reader, `c/${path}`, version), path).rejects.toThrow(/file/);
    }
  });

  test('the longest cloud has the path', async () => {
    const { reader, source } = serve(potree1('1.7'));
    // `c` would have this path as a node file of its own, were there no cloud further in.
    for (const [path, bytes] of potree1('1.4')) source.put(`c/data/r/${path}`, bytes);
    const [name, bytes] = [...potree1('1.4')].find(([path]) => path.endsWith('.bin'))!;
    expect(Buffer.from(await read(reader, `c/data/r/${name}`)).equals(bytes)).toBe(true);
    const cloud = await reader.files.use(
      { path: `c/data/r/${name}`, version: null },
      async (file) => file.cloud.id,
    );
    expect(cloud).toBe('c/data/r');
  });

  test('replaced under the reader, it is read once more; of a version that is gone, not', async () => {
    const { reader, source } = serve((await eptCloud()).files);
    const { version } = await reader.cloud('c');
    const next = Buffer.from(`${Buffer.from(source.peek('c/ept.json')!).toString()} `);
    let isReplaced = false;
    source.onRead = (path) => {
      if (path === 'c/ept.json' && !isReplaced) {
        isReplaced = true;
        source.put(path, next);
      }
    };
    expect(Buffer.from(await read(reader, 'c/ept.json')).equals(next)).toBe(true);
    await expect(read(reader, 'c/ept.json', version)).rejects.toMatchObject({ code: 'version_gone' });
  });
});
