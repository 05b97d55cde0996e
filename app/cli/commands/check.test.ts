/** `nearbox check` on labelled frames, on label files alone, and on label files with their clouds. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { buildClouds } from '../../../octree/build/index.ts';
import { CAR, streetPoints } from '../../testing/index.ts';
import { main } from '../main.ts';

let folder: string;
let out = '';

const car = { id: 'car-1', class: 'car', ...CAR, numPoints: 200 };
const lifted = { ...car, center: [CAR.center[0], CAR.center[1], CAR.center[2] + 0.6] };
const empty = { ...car, id: 'car-2', center: [CAR.center[0], CAR.center[1] - 30, CAR.center[2] + 10] };

const labels = (objects: object[], cloud = 'street') => ({ frames: [{ id: cloud, cloud, objects }] });

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-check-'));
  const points = new Uint8Array(streetPoints().buffer);
  for (const name of ['good', 'bad']) {
    await mkdir(path.join(folder, name));
    await writeFile(path.join(folder, name, 'street.bin'), points);
    const objects = name === 'good' ? [car] : [lifted, empty];
    const frame = { id: 'street', points: 'street.bin', format: 'f32le-xyzi', objects };
    await writeFile(path.join(folder, name, 'index.json'), JSON.stringify({ frames: [frame] }));
  }
  await writeFile(path.join(folder, 'labels.json'), JSON.stringify(labels([lifted, empty])));
  await buildClouds([path.join(folder, 'good', 'street.bin')], path.join(folder, 'clouds'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(() => {
  out = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  process.exitCode = undefined;
  return () => {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  };
});

describe('nearbox check', () => {
  it('finds nothing where all is well', async () => {
    expect(await main(['check', path.join(folder, 'good')])).toBe(0);
    expect(out).toBe('1 boxes in 1 frames: nothing to look at\n');
  });

  it('names frame, object and what is wrong, and ends with 1', async () => {
    expect(await main(['check', path.join(folder, 'bad')])).toBe(1);
    expect(out).toMatch(/^street: car car-1 floats 0\.\d\d m over the ground$/m);
    expect(out).toMatch(/^street: car car-2 has no points$/m);
    expect(out).toMatch(/^2 boxes in 1 frames: \d+ to look at$/m);
  });

  it('reads the formats of the page, and the points of their clouds', async () => {
    const file = path.join(folder, 'labels.json');
    expect(await main(['check', file])).toBe(0);
    out = '';
    expect(await main(['check', file, '--clouds', path.join(folder, 'clouds'), '--json'])).toBe(1);
    const { findings } = JSON.parse(out) as { findings: { kind: string; id: string; frame: string }[] };
    expect(findings).toContainEqual(
      expect.objectContaining({ kind: 'floating', id: 'car-1', frame: 'street' }),
    );
    expect(findings).toContainEqual(expect.objectContaining({ kind: 'empty', id: 'car-2' }));
  });
});
