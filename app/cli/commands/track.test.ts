/** `nearbox track` on a small labelled sequence, in this process. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Box, iou3d } from '../../../inference/index.ts';
import { CAR, streetPoints } from '../../testing/index.ts';
import { main } from '../main.ts';

const FRAMES = 4;
let folder: string;
let out = '';
let err = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-track-'));
  const points = streetPoints();
  const frames = [];
  for (let k = 0; k < FRAMES; k++) {
    await writeFile(
      path.join(folder, `${k}.bin`),
      Buffer.from(points.buffer, points.byteOffset, points.byteLength),
    );
    const label = { id: 'car-1', class: 'Car', ...CAR, numPoints: 200 };
    frames.push({
      id: `${k}`,
      points: `${k}.bin`,
      format: 'f32le-xyzi',
      timestamp: 0.1 * k,
      objects: k === 0 ? [label] : [],
    });
  }
  await writeFile(path.join(folder, 'index.json'), JSON.stringify({ frames }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(() => {
  out = '';
  err = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text);
    return true;
  });
  return () => vi.restoreAllMocks();
});

describe('nearbox track', () => {
  it('carries a labelled object to the other frames, sums up, and writes what it found', async () => {
    const file = path.join(folder, 'tracks.json');
    expect([await main(['track', folder, '--out', file]), err]).toEqual([0, '']);
    expect(out).toBe('1 objects through 4 frames: 0 moved, 1 static\nboxes: 1 keyframe, 3 measured\n');
    const { frames } = JSON.parse(await readFile(file, 'utf8')) as {
      frames: { objects: (Box & { status: string })[] }[];
    };
    expect(frames.map(({ objects }) => objects[0]!.status)).toEqual([
      'keyframe',
      'measured',
      'measured',
      'measured',
    ]);
    for (const { objects } of frames) expect(iou3d(objects[0]!, CAR)).toBeGreaterThan(0.99);
  });

  it('prints the lines of the tracks', async () => {
    expect(await main(['track', folder, '--json'])).toBe(0);
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({ id: 'car-1', track: { static: true, frames: FRAMES } });
    expect(lines.at(-1)).toMatchObject({ done: true });
  });

  it.each([
    [['--keyframes', 'some'], '--keyframes must be one of first, ends, all'],
    [['--min-points', 'few'], '--min-points must be a whole number'],
    [['--groups', 'tank'], '--groups must be one or more of'],
    [['--groups', 'truck'], 'no object with an id'],
  ])('%j is a wrong call', async (flags, message) => {
    expect(await main(['track', folder, ...flags])).toBe(2);
    expect(err).toContain(message);
  });
});
