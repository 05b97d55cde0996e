/**
 * COPC files and LAZ nodes read by laspy (with lazrs) and copclib, point for point (.ci/install-components).
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { buildClouds } from './index.ts';
import { asMultiset, kittiBytes, scenePoints, type TestPoint, useScratch } from './testing/index.ts';

const PYTHON = fileURLToPath(new URL('../../.cache/components/python/bin/python3', import.meta.url));
const has = (modules: string) =>
  spawnSync(PYTHON, ['-c', `import ${modules}`], { stdio: 'ignore' }).status === 0;

const scratch = useScratch();
const POINTS = scenePoints(3000, 7);
const STORED = POINTS.map((point) => ({ ...point, intensity: Math.round(65_535 * point.intensity) }));

/** Each prints x, y, z and intensity of all points. */
const READERS = {
  laspy: `
las = laspy.read(sys.argv[1])
rows = zip(las.x, las.y, las.z, las.intensity)`,
  'laspy, by its COPC query': `
with laspy.CopcReader.open(sys.argv[1]) as reader:
    points = reader.query(resolution=None)
rows = zip(points.x, points.y, points.z, points.intensity)`,
  copclib: `
reader = copclib.FileReader(sys.argv[1])
points = [p for node in reader.GetAllNodes() for p in reader.GetPoints(node)]
rows = [(p.x, p.y, p.z, p.intensity) for p in points]`,
};

function read(reader: string, file: string): TestPoint[] {
  const program = `import sys, json, laspy, copclib\n${reader}\nprint(json.dumps([[float(v) for v in row] for row in rows]))`;
  const { status, stdout, stderr } = spawnSync(PYTHON, ['-c', program, file], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(stderr);
  const rows = JSON.parse(stdout) as [number, number, number, number][];
  return rows.map(([x, y, z, intensity]) => ({ x, y, z, intensity }));
}

describe.skipIf(!has('laspy, lazrs, copclib, numpy'))('read by Python', () => {
  it.each(Object.entries(READERS))('a COPC file: %s', async (name, reader) => {
    const input = await scratch.write('scene.bin', kittiBytes(POINTS));
    const out = scratch.path(name.replaceAll(/\W/g, '-'));
    await buildClouds([input], out, { to: 'copc', span: 16, maxNodePoints: 200 });
    const points = read(reader, path.join(out, 'scene.copc.laz'));
    expect(asMultiset(points, 0.001)).toEqual(asMultiset(STORED, 0.001));
  });

  it('a node of an EPT with LAZ: laspy', async () => {
    const input = await scratch.write('one.bin', kittiBytes(POINTS));
    await buildClouds([input], scratch.path('ept'), { encoding: 'laszip' });
    const points = read(READERS.laspy, scratch.path('ept', 'one', 'ept-data', '0-0-0-0.laz'));
    expect(asMultiset(points, 0.001)).toEqual(asMultiset(STORED, 0.001));
  });
});
