/**
 * What bench/robustness/fuzz.ts damages: good bytes of every document, page, node and input file, and what
 * reads them.
 */

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mulberry32 } from '../../cache/foundation/index.ts';
import { MemorySource } from '../../cache/testing/index.ts';
import { INPUT_FORMATS, type InputFormat } from '../../octree/build/index.ts';
import { openInput } from '../../octree/build/inputs/index.ts';
import {
  kittiBytes,
  lasBytes,
  npyBytes,
  nuscenesBytes,
  pcdBytes,
  plyBytes,
  scenePoints,
  textBytes,
} from '../../octree/build/testing/index.ts';
import type { NodeEncoding } from '../../octree/decode/index.ts';
import { decodeNode } from '../../octree/decode/index.ts';
import type { FormatCloud } from '../../octree/formats/index.ts';
import {
  eptFormat,
  parseCopcHead,
  parseCopcPage,
  parsePotree1Metadata,
  parsePotree1Page,
  parsePotree2Chunk,
  parsePotree2Metadata,
  potree2NodeEncoding,
} from '../../octree/formats/index.ts';
import { Bounds, Key } from '../../octree/geometry/index.ts';
import {
  CUBE,
  lazCube,
  lazNodes,
  makeEptCloud,
  page,
  potree1Cloud,
  potree2Cloud,
  SCALE,
  scatterNodes,
} from '../../octree/testing/index.ts';

export interface Target {
  readonly name: string;
  readonly good: Uint8Array;
  /**
   * Decodes the bytes to something that can be compared. Parsers throw NearboxErrors, decoders Errors, of
   * which the worker makes typed ones.
   */
  readonly run: (bytes: Uint8Array<ArrayBuffer>) => unknown;
  readonly throws: 'corrupt_tile' | 'invalid_request' | 'Error';
  /** Files are written and read: fewer of them are tried. */
  readonly isSlow?: boolean;
}

const file = (name: string) => new Uint8Array(readFileSync(new URL(`../../octree/${name}`, import.meta.url)));
const parser = (name: string, good: Uint8Array, run: Target['run']): Target => ({
  name,
  good,
  run,
  throws: 'corrupt_tile',
});

/** A node, with the check that its points lie in its cube. */
function node(name: string, good: Uint8Array, encoding: NodeEncoding, count: number, within: Bounds): Target {
  const run = (bytes: Uint8Array<ArrayBuffer>) => decodeNode({ encoding, bytes, count, within });
  return { name, good, run, throws: 'Error' };
}

async function eptTargets(): Promise<Target[]> {
  const random = mulberry32(5);
  const raw = Array.from(
    { length: 400 },
    () => [0, 1, 2].map(() => Math.floor(random() * 16_000)) as [number, number, number],
  );
  const clouds = await Promise.all(
    (['binary', 'zstandard'] as const).map((encoding) =>
      makeEptCloud({ raw, low: [0, 0, 0], edge: 16, encoding, nodePoints: 100, pageStep: 2 }),
    ),
  );
  const zipped = await makeEptCloud({
    raw,
    low: [0, 0, 0],
    edge: 16,
    nodePoints: 100,
    hierarchyType: 'gzip',
  });
  const cube = Bounds.pad({ min: [0, 0, 0], max: [16, 16, 16] }, [0.001, 0.001, 0.001]);
  const roots = await Promise.all(
    clouds.map(async ({ files, nodes }) => {
      const count = nodes.get('0-0-0-0')!;
      const { path: at, encoding } = (await openEpt(files))!.locate(Key.root, count, null);
      return { bytes: files.get(at.slice('c/'.length))!, encoding, count };
    }),
  );
  return [
    documentOf('EPT ept.json', clouds[0]!.files, 'ept.json'),
    documentOf('EPT page (json)', clouds[0]!.files, 'ept-hierarchy/0-0-0-0.json'),
    documentOf('EPT page (gzip)', zipped.files, 'ept-hierarchy/0-0-0-0.json.gz'),
    ...roots.map(({ bytes, encoding, count }, i) =>
      node(`EPT ${['binary', 'zstandard'][i]} node`, bytes, encoding, count, cube),
    ),
    ...lazNodes()
      .filter(({ points }) => points.length > 1)
      .map(({ key, pointFormat, laz, points }) => {
        const within = Bounds.pad(Key.cube(Key.parse(key)!, lazCube()), [0.01, 0.01, 0.01]);
        return node(
          `EPT laszip node, format ${pointFormat}, ${key}`,
          laz,
          { kind: 'laz' },
          points.length,
          within,
        );
      }),
  ];
}

function openEpt(files: ReadonlyMap<string, Uint8Array>): Promise<FormatCloud | null> {
  const source = new MemorySource();
  for (const [at, content] of files) source.put(`c/${at}`, content);
  const { signal } = new AbortController();
  return eptFormat.open({ source, id: 'c', base: 'c/', limits: { maxMetadataBytes: 1 << 20 }, signal });
}

/** A document that is read when an EPT cloud is opened. */
function documentOf(name: string, files: ReadonlyMap<string, Uint8Array>, replaced: string): Target {
  return parser(name, files.get(replaced)!, async (bytes) => {
    const cloud = await openEpt(new Map([...files, [replaced, bytes]]));
    if (cloud === null) return null;
    const { cube, bounds, points, spacing, rootPage } = cloud;
    return { cube, bounds, points, spacing, nodes: rootPage.nodes };
  });
}

function copcTargets(): Target[] {
  const bytes = file('formats/copc/fixtures/channels.copc.laz');
  const metadata = parseCopcHead(bytes, bytes.length, 'copc');
  const { offset, length } = metadata.rootPage;
  const good = bytes.slice(offset, offset + length);
  const { nodes, ranges } = parseCopcPage(good, Key.root, metadata, 'copc');
  const chunk = ranges.get('0-0-0-0')!;
  const { cube, scale } = metadata;
  return [
    parser('COPC head', bytes.slice(0, 589), (b) => parseCopcHead(b, bytes.length, 'copc')),
    parser('COPC page', good, (b) => parseCopcPage(b, Key.root, metadata, 'copc')),
    node(
      'COPC chunk',
      bytes.slice(chunk.offset, chunk.offset + chunk.length),
      { kind: 'copc-chunk', ...metadata },
      nodes.get('0-0-0-0')!,
      Bounds.pad(cube, scale),
    ),
  ];
}

function potree1Targets(): Target[] {
  const nodes = scatterNodes(3, 3, 60);
  const cloud = potree1Cloud(nodes, {
    version: '1.7',
    pointAttributes: ['POSITION_CARTESIAN', 'INTENSITY'],
    fields: [
      { size: 12, is: 'position' },
      { size: 2, is: 'intensity' },
    ],
  });
  const [binName, bin] = [...cloud].find(([at, content]) => at.endsWith('r.bin') && content.length > 0)!;
  const axis = (at: number, i: 0 | 1 | 2) =>
    ({ at, type: 'signed', size: 4, scale: SCALE, offset: CUBE.min[i] }) as const;
  const layout = { stride: 14, x: axis(0, 0), y: axis(4, 1), z: axis(8, 2), intensity: null };
  const everywhere = { min: [-1e7, -1e7, -1e7], max: [1e7, 1e7, 1e7] } as const;
  return [
    parser('Potree 1 cloud.js', cloud.get('cloud.js')!, (b) => parsePotree1Metadata(b, 'potree1')),
    parser('Potree 1 page', page(nodes, Key.root, 3), (b) => parsePotree1Page(b, Key.root, 3, 'potree1')),
    node(
      `Potree 1 BIN node (${path.basename(binName)})`,
      bin,
      { kind: 'potree1-bin', layout },
      bin.length / 14,
      Bounds.pad(CUBE, [SCALE, SCALE, SCALE]),
    ),
    node(
      'Potree 1 LAS node',
      file('formats/potree1/fixtures/r.las'),
      { kind: 'potree1-las' },
      40,
      everywhere,
    ),
    node(
      'Potree 1 LAZ node',
      file('formats/potree1/fixtures/r.laz'),
      { kind: 'potree1-las' },
      40,
      everywhere,
    ),
  ];
}

function potree2Targets(): Target[] {
  const two = potree2Cloud(scatterNodes(3, 3, 60), { encoding: 'BROTLI' });
  const metadata = parsePotree2Metadata(two.get('metadata.json')!, 'potree2');
  const [hierarchy, octree] = [two.get('hierarchy.bin')!, two.get('octree.bin')!];
  const extent = { hierarchyBytes: hierarchy.length, octreeBytes: octree.length, stride: null };
  const chunk = hierarchy.slice(0, metadata.firstChunkBytes);
  const parsed = parsePotree2Chunk(chunk, Key.root, extent, 'potree2');
  const [id, range] = [...parsed.ranges].find(([key]) => parsed.nodes.get(key)! > 20)!;
  const within = Bounds.pad(Key.cube(Key.parse(id)!, CUBE), metadata.scale);
  const bytes = octree.slice(range.offset, range.offset + range.length);
  return [
    parser('Potree 2 metadata', two.get('metadata.json')!, (b) => parsePotree2Metadata(b, 'potree2')),
    parser('Potree 2 chunk', chunk, (b) => parsePotree2Chunk(b, Key.root, extent, 'potree2')),
    node('Potree 2 BROTLI node', bytes, potree2NodeEncoding(metadata), parsed.nodes.get(id)!, within),
  ];
}

/** Files that `nearbox build` reads. */
function inputTargets(): Target[] {
  const points = scenePoints(60);
  const values = (of: (point: (typeof points)[0]) => number) => points.map(of);
  const pcd = [
    { name: 'x', type: 'F4', values: values(({ x }) => x) },
    { name: 'y', type: 'F4', values: values(({ y }) => y) },
    { name: 'z', type: 'F4', values: values(({ z }) => z) },
    { name: 'intensity', type: 'F4', values: values(({ intensity }) => intensity) },
  ];
  const columns = ['x', 'y', 'z', 'intensity'] as const;
  const ply = [
    {
      name: 'vertex',
      columns: columns.map((name) => ({ name, type: 'float', values: values((point) => point[name]) })),
    },
  ];
  const steps = points.map(({ x, y, z, intensity }) => ({
    x: Math.round(x * 100),
    y: Math.round(y * 100),
    z: Math.round(z * 100),
    intensity: Math.round(intensity),
  }));
  const las = lasBytes(steps, { version: 2, pointFormat: 1, scale: 0.01, offset: [0, 0, 0] });
  const folder = mkdtempSync(path.join(tmpdir(), 'nearbox-fuzz-'));
  const input = (name: string, format: InputFormat, good: Uint8Array): Target => ({
    name: `input: ${name}`,
    good,
    throws: 'invalid_request',
    isSlow: true,
    run: async (bytes) => {
      const at = path.join(folder, 'input');
      writeFileSync(at, bytes);
      const opened = await openInput(at, format);
      const found: number[] = [];
      for await (const { count, x, y, z, intensity } of opened.batches())
        for (let i = 0; i < count; i++) found.push(x[i]!, y[i]!, z[i]!, intensity?.[i] ?? 0);
      return found;
    },
  });
  if (INPUT_FORMATS.length !== 12) throw new Error('an input format has no target here');
  return [
    input('KITTI', 'kitti', kittiBytes(points)),
    input('nuScenes', 'nuscenes', nuscenesBytes(points)),
    ...(['ascii', 'binary', 'binary_compressed'] as const).map((form) =>
      input(`PCD ${form}`, 'pcd', pcdBytes(pcd, 60, form)),
    ),
    ...(['ascii', 'binary_little_endian'] as const).map((form) =>
      input(`PLY ${form}`, 'ply', plyBytes(ply, form)),
    ),
    input('npy', 'npy', npyBytes(points)),
    input('MCAP', 'mcap', file('build/fixtures/cloud.mcap')),
    input('E57', 'e57', file('build/fixtures/scans.e57')),
    input('text', 'xyz', textBytes(points)),
    ...['uncompressed', 'lz4', 'zstd'].map((form) =>
      input(`Feather, ${form}`, 'feather', file(`arrow/fixtures/sweep-${form}.feather`)),
    ),
    ...['0.25', '2.2', '3.1'].map((version) =>
      input(`pandas ${version}`, 'pandas', file(`pandas/fixtures/points-${version}.pkl.gz`)),
    ),
    input('LAS', 'las', las),
    ...[0, 3, 6, 8].map((format) =>
      input(`LAZ, format ${format}`, 'laz', file(`build/fixtures/format-${format}.laz`)),
    ),
  ];
}

export async function fuzzTargets(): Promise<Target[]> {
  return [
    ...(await eptTargets()),
    ...copcTargets(),
    ...potree1Targets(),
    ...potree2Targets(),
    ...inputTargets(),
  ];
}
