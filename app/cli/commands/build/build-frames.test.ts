/** Data sets through `nearbox build`: poses and times into the metadata and back by HTTP, labels out. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readLabelledFrames } from '../../../../inference/index.ts';
import { buildClouds } from '../../../../octree/build/index.ts';
import { parseServeConfig } from '../../../config/index.ts';
import { silentLog } from '../../../observability/index.ts';
import { startServer } from '../../../server/index.ts';
import { main } from '../../main.ts';

const TURNED = { position: [431250.125, 4582310.5, 12], rotation: [0, 0, 0.6, 0.8] } as const;
const OBJECT = { id: 'x', class: 'Car', center: [10, 2, 0.5], size: [4, 2, 1.5], yaw: 0.25, numPoints: 3 };

let folder = '';
const at = (...names: string[]) => path.join(folder, ...names);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'nearbox-frames-'));
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await mkdir(at('data', 'drive'), { recursive: true });
  const frames = [0, 1].map((index) => ({
    id: `00000${index}`,
    points: `p${index}.bin`,
    format: 'f32le-xyzi',
    scene: 'drive',
    pose: { ...TURNED, position: [TURNED.position[0] + 10 * index, ...TURNED.position.slice(1)] },
    timestamp: 1557540000.25 + index / 10,
    sensor: [0, 0, 1.75],
    objects: [OBJECT],
  }));
  for (const { points } of frames)
    await writeFile(
      at('data', 'drive', points),
      new Uint8Array(
        Float32Array.from(
          Array.from({ length: 50 }, (_, i) =>
            i < 3 ? [10 + i / 10, 2, 0.5, 1] : [30 + i, -4, 0, 0.5],
          ).flat(),
        ).buffer,
      ),
    );
  await writeFile(at('data', 'drive', 'index.json'), JSON.stringify({ frames }));
});
afterAll(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

describe.each(['ept', 'copc'])('frames of a data set, as %s', (to) => {
  const ending = to === 'copc' ? '.copc.laz' : '';

  it('keep pose, time and sensor, which GET /v1/clouds/{cloud} gives back', async () => {
    const call = ['build', at('data'), '--out', at(to), '--to', to, '--frames', at(`${to}-frames`)];
    expect(await main(call)).toBe(0);
    const parsed = parseServeConfig({ clouds: at(to), port: '0', shards: '0' });
    const server = await startServer(parsed, silentLog);
    try {
      for (const index of [0, 1]) {
        const answer = await fetch(`${server.url}/v1/clouds/drive/00000${index}${ending}`);
        expect(await answer.json()).toMatchObject({
          points: 50,
          pose: { position: [431250.125 + 10 * index, 4582310.5, 12], rotation: [0, 0, 0.6, 0.8] },
          timestamp: 1557540000.25 + index / 10,
          sensor: [0, 0, 1.75],
        });
      }
    } finally {
      await server.close();
    }
    const labelled = await readLabelledFrames(at(`${to}-frames`));
    expect(labelled.map(({ id }) => id)).toEqual([`drive/000000${ending}`, `drive/000001${ending}`]);
    expect(labelled[0]).toMatchObject({ scene: 'drive', timestamp: 1557540000.25, objects: [OBJECT] });
  });
});

it('--skip-existing notices that a pose was corrected', async () => {
  const call = [
    'build',
    at('data'),
    '--out',
    at('ept'),
    '--to',
    'ept',
    '--skip-existing',
    '--report',
    at('report.json'),
  ];
  const counts = async () => JSON.parse(await readFile(at('report.json'), 'utf8')).counts;
  expect(await main(call)).toBe(0);
  expect(await counts()).toEqual({ built: 0, skipped: 2, failed: 0 });
  const index = JSON.parse(await readFile(at('data', 'drive', 'index.json'), 'utf8'));
  index.frames[1].pose.position[2] = 13;
  await writeFile(at('data', 'drive', 'index.json'), JSON.stringify(index));
  expect(await main([...call, '--force'])).toBe(0);
  expect(await counts()).toEqual({ built: 1, skipped: 1, failed: 0 });
});

it('--merge brings posed frames into their world', async () => {
  expect(await main(['build', at('data'), '--out', at('merged'), '--merge'])).toBe(0);
  const ept = JSON.parse(await readFile(at('merged', 'ept.json'), 'utf8'));
  expect(ept.points).toBe(100);
  expect(ept.nearbox).toBeUndefined();
  // A point at x, y is at 0.28 x - 0.96 y, 0.96 x + 0.28 y from the position: the turn's cosine and sine.
  const [left, low] = ept.boundsConforming as number[];
  expect(left).toBeCloseTo(431250.125 + 0.28 * 10 - 0.96 * 2, 2);
  expect(low).toBeCloseTo(4582310.5 + 0.96 * 10 + 0.28 * 2, 2);
  await expect(
    buildClouds(
      [
        { input: at('data', 'drive', 'p0.bin'), id: 'a', frame: { pose: TURNED } },
        { input: at('data', 'drive', 'p1.bin'), id: 'b', frame: {} },
      ],
      at('half'),
      { merge: true },
    ),
  ).rejects.toThrow(/1 of 2 frames have no pose/);
});

it.each([
  ['--report', 'a folder', () => at('data')],
  ['--report', 'a file in no folder', () => at('nowhere', 'report.json')],
  ['--report', 'a file in a file', () => at('data', 'drive', 'p0.bin', 'report.json')],
  ['--frames', 'a folder in a file', () => at('data', 'drive', 'p0.bin', 'frames')],
  ['--cameras', 'a file', () => at('data', 'drive', 'p0.bin')],
])('%s as %s is refused before the work', async (option, _, place) => {
  const error = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect(await main(['build', at('data'), '--out', at('never'), option, place()])).toBe(2);
  expect(error.mock.calls.join('')).toContain(`${option} ${place()} cannot be written`);
  expect(existsSync(at('never'))).toBe(false);
  error.mockRestore();
});

it('what can be written is only tried: nothing is left behind, and nothing that is there is changed', async () => {
  const error = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  await writeFile(at('old.json'), 'old');
  const places = [
    '--report',
    at('old.json'),
    '--frames',
    at('new', 'frames'),
    '--cameras',
    at('new', 'cameras'),
  ];
  expect(await main(['build', at('missing.bin'), '--out', at('never'), ...places])).toBe(2);
  expect(await readFile(at('old.json'), 'utf8')).toBe('old');
  expect(existsSync(at('new'))).toBe(false);
  error.mockRestore();
});

it('labels and cameras of a frame whose calibration is wrong are listed, and the others are written', async () => {
  const kitti = (...names: string[]) => at('kitti', ...names);
  for (const part of ['velodyne', 'calib', 'label_2', 'image_2'])
    await mkdir(kitti(part), { recursive: true });
  const calib =
    'P2: 700 0 600 0 0 700 200 0 0 0 1 0\nR0_rect: 1 0 0 0 1 0 0 0 1\nTr_velo_to_cam: 0 -1 0 0 0 0 -1 0 1 0 0 0\n';
  for (const id of ['000000', '000001', '000002']) {
    await writeFile(kitti('velodyne', `${id}.bin`), await readFile(at('data', 'drive', 'p0.bin')));
    await writeFile(kitti('calib', `${id}.txt`), id === '000001' ? calib.replace(/R0_rect.*\n/, '') : calib);
    await writeFile(kitti('label_2', `${id}.txt`), 'Car 0 0 0 0 0 1 1 1.5 1.6 4 2 1.7 10 0.3\n');
    await writeFile(kitti('image_2', `${id}.png`), 'image');
  }
  const error = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const out = ['--frames', at('kitti-frames'), '--cameras', at('kitti-cameras')];
  const code = await main(['build', kitti(), '--out', at('kitti-clouds'), ...out]);
  const said = error.mock.calls.join('');
  error.mockRestore();
  expect(code).toBe(1);
  for (const what of ['labels', 'cameras']) {
    expect(said).toMatch(new RegExp(`no ${what}: \\S+000001\\.txt: has no line R0_rect`));
    expect(said).toContain(`the ${what} of 1 frames could not be read`);
  }
  const labelled = await readLabelledFrames(at('kitti-frames'));
  expect(labelled.map(({ id }) => id)).toEqual(['000000', '000002']);
  // The middle of the label's bottom is 2 m right of, 1.7 m below and 10 m ahead of the camera.
  for (const { objects } of labelled) {
    expect(objects).toHaveLength(1);
    for (const [axis, value] of [10, -2, -0.95].entries())
      expect(objects[0]!.center[axis]).toBeCloseTo(value, 6);
  }
  for (const id of ['000000', '000001', '000002'])
    expect(existsSync(at('kitti-cameras', id, 'cameras.json'))).toBe(id !== '000001');
});

it('--frames is refused before the work where it cannot be written', async () => {
  const error = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const call = ['build', at('data'), '--out', at('never'), '--frames'];
  expect(await main([...call, 's3://bucket/frames'])).toBe(2);
  expect(await main([...call, at('data', 'drive')])).toBe(2);
  expect(await main([...call, at('f'), '--shard', '0/2'])).toBe(2);
  expect(await main(['validate', at('never')])).not.toBe(0);
  error.mockRestore();
});
