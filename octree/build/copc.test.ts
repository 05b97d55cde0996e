/**
 * COPC files and EPT with LAZ nodes: point for point by copc.js and laz-perf, which are not ours, and by our
 * own reader.
 */
import { readFile } from 'node:fs/promises';
import { Copc, Key as CopcKey, Ept, Las } from 'copc';
import { describe, expect, it } from 'vitest';
import { FolderSource } from '../../cache/index.ts';
import { CloudReader } from '../index.ts';
import { validateCloud } from '../validate/index.ts';
import { type BuildOptions, buildCloud, buildClouds } from './index.ts';
import {
  asMultiset,
  kittiBytes,
  lasBytes,
  nuscenesBytes,
  scenePoints,
  type TestPoint,
  useScratch,
} from './testing/index.ts';

const scratch = useScratch();
const POINTS = scenePoints(6000, 3);
const { signal } = new AbortController();
const SMALL: BuildOptions = { span: 16, maxNodePoints: 300 };

/** All points of a file by copc.js, with some more dimensions. */
async function readByCopcJs(file: string, more: readonly string[] = [], every = 1) {
  const bytes = new Uint8Array(await readFile(file));
  const getter = async (begin: number, end: number) => bytes.slice(begin, end);
  const copc = await Copc.create(getter);
  const pages = [await Copc.loadHierarchyPage(getter, copc.info.rootHierarchyPage)];
  const points: (TestPoint & Record<string, number>)[] = [];
  const sizes: { key: string; at: number }[] = [];
  let counted = 0;
  for (const { nodes, pages: below } of pages) {
    for (const page of Object.values(below)) pages.push(await Copc.loadHierarchyPage(getter, page!));
    for (const [key, node] of Object.entries(nodes)) {
      sizes.push({ key, at: node!.pointDataOffset });
      counted += node!.pointCount;
      if (sizes.length % every !== 0) continue;
      const view = await Copc.loadPointDataView(getter, copc, node!);
      expect(view.pointCount).toBe(node!.pointCount);
      const names = ['X', 'Y', 'Z', 'Intensity', ...more];
      const [x, y, z, intensity, ...others] = names.map((name) => view.getter(name));
      for (let i = 0; i < view.pointCount; i++) {
        const extra = Object.fromEntries(more.map((name, index) => [name, others[index]!(i)]));
        points.push({ x: x!(i), y: y!(i), z: z!(i), intensity: intensity!(i), ...extra });
      }
    }
  }
  return { copc, points, counted, order: sizes.toSorted((a, b) => a.at - b.at).map(({ key }) => key), bytes };
}

const scaled = (points: readonly TestPoint[]) =>
  points.map((p) => ({ ...p, intensity: Math.round(65_535 * p.intensity) }));

describe('a COPC file', () => {
  it('holds each point once, for copc.js and for our reader; its hierarchy is in front', async () => {
    const input = await scratch.write('scene.bin', kittiBytes(POINTS));
    const out = scratch.path('copc');
    const options = { ...SMALL, to: 'copc', sensor: [1, 2, 3], timestamp: 12.5 } as const;
    const pose = { position: [5, 6, 7], rotation: [0, 0, 0, 1] } as const;
    const { clouds } = await buildClouds([input], out, { ...options, pose });
    expect(clouds).toMatchObject([{ id: 'scene.copc.laz', points: POINTS.length }]);

    const file = scratch.path('copc', 'scene.copc.laz');
    const { copc, points, order, bytes } = await readByCopcJs(file);
    expect(asMultiset(points, 0.001)).toEqual(asMultiset(scaled(POINTS), 0.001));
    expect(clouds[0]!.bytes).toBe(bytes.byteLength);
    expect(order).toHaveLength(clouds[0]!.nodes);
    expect(copc.header).toMatchObject({ pointDataRecordFormat: 6, pointCount: POINTS.length });
    expect(copc.info.rootHierarchyPage.pageOffset).toBeLessThan(copc.header.pointDataOffset);
    expect(copc.header.pointCountByReturn[0]).toBe(POINTS.length);
    // Siblings stand next to each other, behind their parent.
    expect(order[0]).toBe('0-0-0-0');
    const second = order.filter((key) => key.startsWith('1-'));
    expect(order.slice(1, 1 + second.length)).toEqual(second);

    const source = new FolderSource({ root: out });
    const report = await validateCloud({ source, id: 'scene.copc.laz', signal });
    expect(report).toMatchObject({ errors: 0, warnings: 0, points: POINTS.length });
    const reader = new CloudReader({ source });
    try {
      expect(await reader.cloud('scene.copc.laz')).toMatchObject({
        format: 'copc',
        sensor: [1, 2, 3],
        frame: { pose, timestamp: 12.5 },
      });
    } finally {
      await reader.close();
    }
  });

  it('with many nodes has several pages of hierarchy, behind the points', async () => {
    const many = scenePoints(12_000, 4);
    const input = await scratch.write('many.bin', kittiBytes(many));
    const options = { span: 2, maxNodePoints: 4, to: 'copc' } as const;
    await buildClouds([input], scratch.path('many'), options);
    const { copc, points, counted } = await readByCopcJs(scratch.path('many', 'many.copc.laz'), [], 50);
    expect(counted).toBe(many.length);
    const known = new Set(asMultiset(scaled(many), 0.001));
    expect(asMultiset(points, 0.001).filter((point) => !known.has(point))).toEqual([]);
    expect(copc.info.rootHierarchyPage.pageOffset).toBeGreaterThan(copc.header.pointDataOffset);
    const source = new FolderSource({ root: scratch.path('many') });
    const report = await validateCloud({ source, id: 'many.copc.laz', signal });
    expect(report).toMatchObject({ errors: 0, warnings: 0, points: many.length });
    expect(report.pages).toBeGreaterThan(1);
  });

  it('keeps rings, classes, returns, colours, times and angles of the input', async () => {
    const rings = await scratch.write('rings.pcd.bin', nuscenesBytes(POINTS));
    await buildClouds([rings], scratch.path('dims'), { ...SMALL, to: 'copc' });
    const { points } = await readByCopcJs(scratch.path('dims', 'rings.copc.laz'), ['Ring']);
    const ringOf = new Map(
      POINTS.map((p, i) => [`${Math.round(p.x * 1000)} ${Math.round(p.y * 1000)}`, i % 32]),
    );
    const wrong = points.filter(
      (p) => ringOf.get(`${Math.round(p.x * 1000)} ${Math.round(p.y * 1000)}`) !== p.Ring,
    );
    expect(wrong).toEqual([]);

    const steps = Array.from({ length: 500 }, (_, i) => ({ x: i * 7, y: i * 3, z: i, intensity: i * 100 }));
    const las = Buffer.from(lasBytes(steps, { version: 4, pointFormat: 7, scale: 0.01, offset: [0, 0, 0] }));
    for (let i = 0, at = las.readUInt32LE(96); i < 500; i++, at += las.readUInt16LE(105)) {
      las.writeUInt8(0x32, at + 14);
      las.writeUInt8(i % 20, at + 16);
      las.writeInt16LE(i - 250, at + 18);
      las.writeDoubleLE(1000 + i / 8, at + 22);
      las.writeUInt16LE(i * 100, at + 32);
    }
    await buildClouds([await scratch.write('all.las', las)], scratch.path('dims'), { ...SMALL, to: 'copc' });
    const all = await readByCopcJs(scratch.path('dims', 'all.copc.laz'), [
      'Classification',
      'ReturnNumber',
      'NumberOfReturns',
      'ScanAngle',
      'GpsTime',
      'Green',
    ]);
    expect(all.copc.header.pointDataRecordFormat).toBe(7);
    expect(all.copc.info.gpsTimeRange).toEqual([1000, 1000 + 499 / 8]);
    for (const p of all.points) {
      const i = Math.round(p.z * 100);
      expect(p).toMatchObject({
        intensity: i * 100,
        Classification: i % 20,
        ReturnNumber: 2,
        NumberOfReturns: 3,
        GpsTime: 1000 + i / 8,
        Green: i * 100,
      });
      expect(p.ScanAngle).toBeCloseTo((i - 250) * 0.006, 6);
    }
  });

  it('is skipped where it is there, built from the same, and replaced by --force alone', async () => {
    const input = await scratch.write('again.bin', kittiBytes(POINTS.slice(0, 500)));
    const out = scratch.path('again');
    const build = (options: Parameters<typeof buildClouds>[2] = {}) =>
      buildClouds([input], out, { to: 'copc', ...options });
    await build();
    const first = await readFile(scratch.path('again', 'again.copc.laz'));
    await expect(build()).rejects.toThrow(/exists already/);
    expect(await build({ skipExisting: true })).toMatchObject({
      clouds: [],
      skipped: [{ id: 'again.copc.laz' }],
    });
    await expect(build({ skipExisting: true, scale: 0.01 })).rejects.toThrow(/built from another input/);
    await build({ force: true });
    expect(await readFile(scratch.path('again', 'again.copc.laz'))).toEqual(first);
  });

  it('is no EPT encoding', async () => {
    const input = await scratch.write('wrong.bin', kittiBytes(POINTS.slice(0, 50)));
    await expect(buildClouds([input], scratch.path('w'), { to: 'copc', encoding: 'binary' })).rejects.toThrow(
      /laszip/,
    );
    await expect(buildClouds([input], scratch.path('w'), { to: 'potree' as 'ept' })).rejects.toThrow(
      /ept or copc/,
    );
  });
});

describe('an EPT with laszip nodes', () => {
  it('holds each point once, for copc.js and for our reader', async () => {
    const input = await scratch.write('nodes.pcd.bin', nuscenesBytes(POINTS));
    const folder = scratch.path('laszip');
    await buildCloud([input], folder, { ...SMALL, encoding: 'laszip' });
    const json = async (name: string) => JSON.parse(await readFile(`${folder}/${name}`, 'utf8')) as unknown;
    const ept = (await json('ept.json')) as Ept.Ept;
    const { nodes } = Ept.Hierarchy.parse((await json('ept-hierarchy/0-0-0-0.json')) as Ept.Hierarchy);
    const points: TestPoint[] = [];
    for (const key of Object.keys(nodes)) {
      expect(CopcKey.toString(CopcKey.parse(key))).toBe(key);
      const bytes = new Uint8Array(await readFile(`${folder}/ept-data/${key}.laz`));
      const header = Las.Header.parse(bytes);
      const view = Las.View.create(await Las.PointData.decompressFile(bytes), header);
      expect(view.pointCount).toBe(nodes[key]!.pointCount);
      const [x, y, z, intensity] = ['X', 'Y', 'Z', 'Intensity'].map((name) => view.getter(name));
      for (let i = 0; i < view.pointCount; i++)
        points.push({ x: x!(i), y: y!(i), z: z!(i), intensity: intensity!(i) });
    }
    expect(asMultiset(points, 0.001)).toEqual(asMultiset(scaled(POINTS), 0.001));
    expect(ept.schema.map(({ name }) => name)).toEqual(['X', 'Y', 'Z', 'Intensity', 'Ring']);
    const source = new FolderSource({ root: scratch.path() });
    const report = await validateCloud({ source, id: 'laszip', signal });
    expect(report).toMatchObject({ errors: 0, warnings: 0, points: POINTS.length });
  });
});
