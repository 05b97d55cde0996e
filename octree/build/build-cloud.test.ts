import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { FolderSource } from '../../cache/index.ts';
import { Key } from '../geometry/index.ts';
import { validateCloud } from '../validate/index.ts';
import { type BuildOptions, buildCloud } from './index.ts';
import {
  asMultiset,
  filesOf,
  kittiBytes,
  lasBytes,
  readCloud,
  scenePoints,
  type TestPoint,
  useScratch,
} from './testing/index.ts';

const scratch = useScratch();
const POINTS = scenePoints(20_000);
let input = '';

beforeAll(async () => {
  input = await scratch.write('frame.bin', kittiBytes(POINTS));
});

/** Small nodes, so that little clouds have many. */
const SMALL: BuildOptions = { span: 16, maxNodePoints: 500 };

/** Few enough for nodes of 20 points. */
const FEW = POINTS.slice(0, 1500);

describe('a built cloud', () => {
  it.each<[string, BuildOptions]>([
    ['zstandard', { ...SMALL, encoding: 'zstandard' }],
    ['binary', { ...SMALL, encoding: 'binary' }],
    ['coarse', { ...SMALL, scale: 0.01 }],
    ['through temporary files', { ...SMALL, memoryPoints: 1500 }],
    ['with the defaults', {}],
  ])('%s: has each point once, in its node, to the scale', async (name, options) => {
    const folder = scratch.path(`cloud-${name}`);
    const built = await buildCloud([input], folder, options);
    const { metadata, nodes, points } = await readCloud(folder);
    const scale = options.scale ?? 0.001;
    expect(asMultiset(points, scale)).toEqual(asMultiset(POINTS, scale));
    expect(metadata.points).toBe(POINTS.length);
    expect(built).toMatchObject({
      id: `cloud-${name}`,
      points: POINTS.length,
      dropped: 0,
      nodes: nodes.size,
    });
    for (const [key, content] of nodes) expectInside(key, content, metadata.bounds);
    for (const key of nodes.keys()) expect(nodes.has(parentOf(key))).toBe(true);
    expect((await readdir(folder)).toSorted()).toEqual([
      'ept-data',
      'ept-hierarchy',
      'ept-sources',
      'ept.json',
    ]);
  });

  it('is split again where a part of it is too large for memory', async () => {
    const file = await scratch.write('few.bin', kittiBytes(FEW));
    await buildCloud([file], scratch.path('few'), { span: 2, maxNodePoints: 20, memoryPoints: 40 });
    const { points, nodes } = await readCloud(scratch.path('few'));
    expect(asMultiset(points, 0.001)).toEqual(asMultiset(FEW, 0.001));
    for (const key of nodes.keys()) expect(nodes.has(parentOf(key))).toBe(true);
  });

  it('counts its bytes', async () => {
    const folder = scratch.path('bytes');
    const { bytes } = await buildCloud([input], folder, SMALL);
    const sizes = [...(await filesOf(folder)).values()].map((text) => Buffer.from(text, 'base64').length);
    expect(bytes).toBe(sizes.reduce((sum, size) => sum + size, 0));
  });

  it('says where its data are', async () => {
    const folder = scratch.path('extent');
    await buildCloud([input], folder, SMALL);
    const { metadata } = await readCloud(folder);
    for (const [axis, name] of (['x', 'y', 'z'] as const).entries()) {
      const values = POINTS.map((point) => point[name]);
      expect(metadata.boundsConforming.min[axis]).toBeCloseTo(Math.min(...values), 3);
      expect(metadata.boundsConforming.max[axis]).toBeCloseTo(Math.max(...values), 3);
      expect(metadata.bounds.max[axis]! - metadata.bounds.min[axis]!).toBeCloseTo(
        metadata.bounds.max[0] - metadata.bounds.min[0],
        9,
      );
    }
    expect(metadata.sensor).toBeNull();
  });

  it('is the same bytes every time, wherever it is built', async () => {
    await buildCloud([input], scratch.path('first', 'same'), SMALL);
    await buildCloud([input], scratch.path('second', 'same'), SMALL);
    expect(await filesOf(scratch.path('first', 'same'))).toEqual(
      await filesOf(scratch.path('second', 'same')),
    );
  });

  it('stores the sensor', async () => {
    await buildCloud([input], scratch.path('sensor'), { sensor: [1, 2, -0.5] });
    const json = JSON.parse(await readFile(scratch.path('sensor', 'ept.json'), 'utf8')) as {
      nearbox: unknown;
    };
    expect(json.nearbox).toEqual({ sensor: [1, 2, -0.5] });
  });

  it('drops and counts points that are not finite, and keeps an intensity that is none as 0', async () => {
    const bad = [
      { x: Number.NaN, y: 0, z: 0, intensity: 1 },
      { x: 0, y: -Infinity, z: 0, intensity: 1 },
      { x: 0, y: 0, z: 0, intensity: Number.NaN },
    ];
    const file = await scratch.write('bad.bin', kittiBytes([...bad, ...POINTS.slice(0, 10)]));
    expect(await buildCloud([file], scratch.path('bad'))).toMatchObject({ points: 11, dropped: 2 });
    const { points } = await readCloud(scratch.path('bad'));
    expect(points).toContainEqual({ x: 0, y: 0, z: 0, intensity: 0 });
  });

  it('holds one point, and many copies of one', async () => {
    const one = { x: 5, y: 6, z: 7, intensity: 0.5 };
    for (const count of [1, 3000]) {
      const file = await scratch.write('one.bin', kittiBytes(Array<TestPoint>(count).fill(one)));
      await buildCloud([file], scratch.path(`one-${count}`), SMALL);
      expect((await readCloud(scratch.path(`one-${count}`))).points).toEqual(Array(count).fill(one));
    }
  });

  it('holds more copies of a point than memory holds', async () => {
    const file = await scratch.write('copies.bin', kittiBytes(Array<TestPoint>(2000).fill(POINTS[0]!)));
    await buildCloud([file], scratch.path('copies'), { ...SMALL, memoryPoints: 100 });
    const { points, nodes } = await readCloud(scratch.path('copies'));
    expect(asMultiset(points, 0.001)).toEqual(asMultiset(Array<TestPoint>(2000).fill(POINTS[0]!), 0.001));
    for (const key of nodes.keys()) expect(nodes.has(parentOf(key))).toBe(true);
  });

  it('holds so many copies of a point that a single frame would look hostile, or names their place', async () => {
    const one = { x: 5, y: 6, z: 7, intensity: 0.5 };
    const file = await scratch.write('many.bin', kittiBytes(Array<TestPoint>(300_000).fill(one)));
    await buildCloud([file], scratch.path('many'), SMALL);
    const source = new FolderSource({ root: scratch.path() });
    const report = await validateCloud({ source, id: 'many', signal: new AbortController().signal });
    expect(report).toMatchObject({ errors: 0, points: 300_000 });
    for (const options of [{ to: 'copc' }, { encoding: 'laszip' }] as const)
      await expect(
        buildCloud([file], scratch.path(`many-${Object.keys(options)[0]}`), { ...SMALL, ...options }),
      ).rejects.toMatchObject({
        code: 'invalid_request',
        message: expect.stringMatching(/points lie .* at 5, 6, 7 \(.*many\.bin\), .*--to ept/),
      });
  });

  it('keeps UTM coordinates and 16-bit intensities of LAS', async () => {
    const offset = [500_000, 5_400_000, 250] as const;
    const steps = POINTS.slice(0, 3000).map(({ x, y, z }, index) => ({
      x: Math.round(x * 100),
      y: Math.round(y * 100),
      z: Math.round(z * 100),
      intensity: (index * 22) % 65536,
    }));
    const bytes = lasBytes(steps, { version: 4, pointFormat: 6, scale: 0.01, offset });
    await buildCloud([await scratch.write('utm.las', bytes)], scratch.path('utm'), SMALL);
    const { metadata, points } = await readCloud(scratch.path('utm'));
    const expected = steps.map((s) => ({
      x: s.x * 0.01 + offset[0],
      y: s.y * 0.01 + offset[1],
      z: s.z * 0.01 + offset[2],
      intensity: s.intensity,
    }));
    expect(asMultiset(points, 0.001)).toEqual(asMultiset(expected, 0.001));
    expect(metadata.schema).toContainEqual({
      name: 'Intensity',
      type: 'unsigned',
      size: 2,
      scale: 1,
      offset: 0,
    });
    for (const { offset: whole } of metadata.schema) expect(Number.isInteger(whole)).toBe(true);
  });

  it('reports progress from 0 to 1, never backwards', async () => {
    const seen: number[] = [];
    await buildCloud([input], scratch.path('progress'), {
      ...SMALL,
      onProgress: (fraction) => seen.push(fraction),
    });
    expect(seen.at(-1)).toBe(1);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });

  const real = fileURLToPath(new URL('../../../shared/real/', import.meta.url));
  it.runIf(existsSync(real))(
    'of a real frame is one node, and an octree if it is told a node size',
    async () => {
      const frame = `${real}kitti-dev/kitti-obj-000001.bin`;
      const { points, nodes } = await buildCloud([frame], scratch.path('real'));
      expect(points).toBe(120_268);
      expect(nodes).toBe(1);
      const octree = await buildCloud([frame], scratch.path('real-octree'), { maxNodePoints: 16_384 });
      expect(octree.nodes).toBeGreaterThanOrEqual(10);
      expect(octree.nodes).toBeLessThanOrEqual(40);
    },
  );
});

describe('what cannot be built', () => {
  it.each<[string, BuildOptions, RegExp]>([
    ['an encoding that is not written', { encoding: 'zip' as 'binary' }, /encoding must be/],
    ['a scale of 0', { scale: 0 }, /scale must be/],
    ['a scale that is no number', { scale: Number.NaN }, /scale must be/],
    ['a span of 100', { span: 100 }, /span must be a power of two/],
    ['no points in a node', { maxNodePoints: 0 }, /maxNodePoints/],
    ['a sensor nowhere', { sensor: [0, Number.NaN, 0] }, /sensor must be three finite/],
  ])('%s', async (_, options, message) => {
    await expect(buildCloud([input], scratch.path('never'), options)).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(message),
    });
    expect(existsSync(scratch.path('never'))).toBe(false);
  });

  it('no points at all', async () => {
    const empty = await scratch.write('empty.bin', new Uint8Array());
    await expect(buildCloud([empty], scratch.path('empty'))).rejects.toThrow(/empty\.bin: has no points/);
    const nan = await scratch.write('nan.bin', kittiBytes([{ x: Number.NaN, y: 0, z: 0, intensity: 0 }]));
    await expect(buildCloud([nan], scratch.path('empty'))).rejects.toThrow(
      /nan\.bin: has no point with finite coordinates/,
    );
  });

  it('a scale too fine for the extent: the error names one that fits', async () => {
    const far = [0, 5000].map((x) => ({ x, y: 0, z: 0, intensity: 0 }));
    const file = await scratch.write('far.bin', kittiBytes(far));
    await expect(buildCloud([file], scratch.path('far'), { scale: 1e-6 })).rejects.toThrow(
      /far\.bin: a scale of 0\.000001 is too fine: .* a scale of 0\.00001 fits/,
    );
    await buildCloud([file], scratch.path('far'), { scale: 1e-5 });
    const beyond = await scratch.write(
      'beyond.bin',
      kittiBytes([...far, { x: 1e30, y: 0, z: 0, intensity: 0 }]),
    );
    await expect(buildCloud([beyond], scratch.path('beyond'))).rejects.toThrow(
      /no scale fits: are there stray points/,
    );
  });
});

function expectInside(
  key: string,
  points: readonly TestPoint[],
  bounds: Parameters<typeof Key.cube>[1],
): void {
  const { min, max } = Key.cube(Key.parse(key)!, bounds);
  const outside = points.filter(
    ({ x, y, z }) => x < min[0] || x > max[0] || y < min[1] || y > max[1] || z < min[2] || z > max[2],
  );
  expect({ key, outside }).toEqual({ key, outside: [] });
}

/** The root's parent is the root. */
function parentOf(key: string): string {
  return Key.format(Key.parent(Key.parse(key)!) ?? Key.root);
}
