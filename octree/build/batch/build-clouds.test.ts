import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildClouds } from '../index.ts';
import {
  asMultiset,
  kittiBytes,
  lasBytes,
  nuscenesBytes,
  readCloud,
  scenePoints,
  useScratch,
} from '../testing/index.ts';

const scratch = useScratch();
const FIRST = scenePoints(500, 1);
const SECOND = scenePoints(600, 2);
let inputs: string[] = [];

beforeAll(async () => {
  inputs = [
    await scratch.write('000001.bin', kittiBytes(FIRST)),
    await scratch.write('000002.pcd.bin', nuscenesBytes(SECOND)),
  ];
});

describe('buildClouds', () => {
  it('makes of each input a cloud of its name', async () => {
    const seen: number[] = [];
    const { clouds } = await buildClouds(inputs, scratch.path('out'), {
      onProgress: (fraction) => seen.push(fraction),
    });
    expect(clouds).toMatchObject([
      { id: '000001', points: 500, dropped: 0, nodes: 1 },
      { id: '000002', points: 600, dropped: 0, nodes: 1 },
    ]);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
    const { points } = await readCloud(scratch.path('out', '000002'));
    expect(asMultiset(points, 0.001)).toEqual(asMultiset(SECOND, 0.001));
  });

  it('refuses two inputs of one name before it builds any', async () => {
    const twice = [...inputs, scratch.path('elsewhere', '000001.las')];
    await expect(buildClouds(twice, scratch.path('twice'))).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(/000001\.bin and .*000001\.las would both become the cloud 000001/),
    });
    expect(existsSync(scratch.path('twice'))).toBe(false);
  });

  it('refuses an existing cloud before it builds any', async () => {
    await buildClouds([inputs[1]!], scratch.path('some'));
    await expect(buildClouds(inputs, scratch.path('some'))).rejects.toThrow(
      /some\/000002 exists already: .*--force/,
    );
    expect(existsSync(scratch.path('some', '000001'))).toBe(false);
    expect((await buildClouds(inputs, scratch.path('some'), { force: true })).clouds).toHaveLength(2);
  });

  it('refuses no inputs, and poses without a merge', async () => {
    await expect(buildClouds([], scratch.path('none'))).rejects.toThrow(/at least one input/);
    await expect(buildClouds(inputs, scratch.path('none'), { poses: 'p.json' })).rejects.toThrow(/--merge/);
  });
});

describe('a merge', () => {
  it('holds the points of all inputs, in the folder itself', async () => {
    await mkdir(scratch.path('merged'));
    const { clouds } = await buildClouds(inputs, scratch.path('merged'), { merge: true });
    expect(clouds).toMatchObject([{ id: 'merged', points: 1100 }]);
    const { points } = await readCloud(scratch.path('merged'));
    expect(asMultiset(points, 0.001)).toEqual(asMultiset([...FIRST, ...SECOND], 0.001));
    const sources = JSON.parse(
      await readFile(scratch.path('merged', 'ept-sources', 'manifest.json'), 'utf8'),
    ) as unknown;
    expect(sources).toMatchObject([
      { path: '000001.bin', points: 500, inserted: true },
      { path: '000002.pcd.bin', points: 600, inserted: true },
    ]);
  });

  it('brings the inputs into one world', async () => {
    const position = [500_000, 5_400_000, 100] as const;
    const poses = await scratch.write(
      'poses.json',
      JSON.stringify({
        '000001': { position, rotation: [0, 0, 0, 1] },
        '000002': { position, rotation: [0, 0, 1, 0] },
      }),
    );
    await buildClouds(inputs, scratch.path('world'), { merge: true, poses });
    const { points } = await readCloud(scratch.path('world'));
    const [east, north, up] = position;
    const moved = [
      ...FIRST.map((p) => ({ ...p, x: east + p.x, y: north + p.y, z: up + p.z })),
      ...SECOND.map((p) => ({ ...p, x: east - p.x, y: north - p.y, z: up + p.z })),
    ];
    expect(asMultiset(points, 0.001)).toEqual(asMultiset(moved, 0.001));
  });

  it('stores intensities of several kinds without loss', async () => {
    const las = lasBytes([{ x: 1, y: 2, z: 3, intensity: 65535 }], {
      version: 2,
      pointFormat: 0,
      scale: 1,
      offset: [0, 0, 0],
    });
    const other = await scratch.write('other.las', las);
    await buildClouds([inputs[0]!, other], scratch.path('kinds'), { merge: true });
    const { points, metadata } = await readCloud(scratch.path('kinds'));
    expect(points).toContainEqual({ x: 1, y: 2, z: 3, intensity: 65535 });
    expect(metadata.schema.at(-1)).toMatchObject({ name: 'Intensity', type: 'float', size: 4 });
  });

  it('needs a pose for each input', async () => {
    const poses = await scratch.write(
      'one.json',
      JSON.stringify({ '000001': { position: [0, 0, 0], rotation: [0, 0, 0, 1] } }),
    );
    await expect(buildClouds(inputs, scratch.path('lost'), { merge: true, poses })).rejects.toThrow(
      /no pose for 000002/,
    );
    expect(existsSync(scratch.path('lost'))).toBe(false);
  });
});
