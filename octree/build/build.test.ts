/** `nearbox/build`, as a program uses it. */
import { readFile } from 'node:fs/promises';
import { Copc } from 'copc';
import { describe, expect, it } from 'vitest';
import { build, type PointSource } from './build.ts';
import { asMultiset, kittiBytes, readCloud, scenePoints, useScratch } from './testing/index.ts';

const scratch = useScratch();
const POINTS = scenePoints(70_000, 5);
const of = (pick: (point: (typeof POINTS)[0]) => number, from = 0, to = POINTS.length) =>
  Float64Array.from(POINTS.slice(from, to), pick);

const source: PointSource = {
  name: 'my scanner',
  intensity: 'float32',
  async *points() {
    for (const [from, to] of [
      [0, 10],
      [10, 70_000],
    ])
      yield {
        x: of(({ x }) => x, from, to),
        y: of(({ y }) => y, from, to),
        z: of(({ z }) => z, from, to),
        intensity: of(({ intensity }) => intensity, from, to),
      };
  },
};

describe('build', () => {
  it('takes the points of an own reader, with pose and time', async () => {
    const seen: number[] = [];
    const pose = { position: [1, 2, 3], rotation: [0, 0, 0, 1] } as const;
    const built = await build(source, scratch.path('own'), {
      pose,
      timestamp: 12.5,
      onProgress: (fraction) => seen.push(fraction),
    });
    expect(built).toMatchObject({ id: 'own', points: 70_000, dropped: 0 });
    expect(seen.every((fraction) => fraction >= 0 && fraction <= 1)).toBe(true);
    const { points } = await readCloud(scratch.path('own'));
    expect(asMultiset(points, 0.001)).toEqual(asMultiset(POINTS, 0.001));
    const ept = JSON.parse(await readFile(scratch.path('own', 'ept.json'), 'utf8'));
    expect(ept.nearbox).toEqual({ pose, timestamp: 12.5 });
  });

  it('puts files and readers into one cloud, and keeps attributes where the form can', async () => {
    const file = await scratch.write('a.bin', kittiBytes(POINTS.slice(0, 100)));
    const classified: PointSource = {
      name: 'classified',
      attributes: [{ name: 'Classification', type: 'uint8' }],
      points: () => [{ x: [1, Number.NaN], y: [2, 2], z: [3, 3], attributes: [[6, 7]] }],
    };
    const out = scratch.path('both.copc.laz');
    expect(await build([file, classified], out, { to: 'copc' })).toMatchObject({
      points: 101,
      dropped: 1,
      notKept: [],
    });
    const copc = await Copc.create(out);
    const { nodes } = await Copc.loadHierarchyPage(out, copc.info.rootHierarchyPage);
    const view = await Copc.loadPointDataView(out, copc, nodes['0-0-0-0']!);
    const classes = Array.from({ length: view.pointCount }, (_, index) =>
      view.getter('Classification')(index),
    );
    expect(classes.toSorted((a, b) => a - b)).toEqual([...Array(100).fill(0), 6]);
  });

  it('says what is wrong with a chunk, and passes on what the reader throws', async () => {
    const wrong = (points: PointSource['points']) =>
      build({ ...source, points }, scratch.path('wrong'), { force: true });
    await expect(wrong(() => [{ x: [1], y: [1, 2], z: [1], intensity: [1] }])).rejects.toMatchObject({
      code: 'invalid_request',
      message: 'my scanner: a chunk has 2 values of y for 1 of x',
    });
    await expect(wrong(() => [{ x: [1], y: [1], z: [1] }])).rejects.toThrow(/no values of intensity/);
    await expect(wrong(() => [])).rejects.toThrow(/my scanner: has no points/);
    const broken = new Error('the cable is out');
    const throwing = () => {
      throw broken;
    };
    await expect(wrong(throwing)).rejects.toBe(broken);
    await expect(build(source, 'gs://bucket/x')).rejects.toMatchObject({ code: 'invalid_request' });
  });
});
