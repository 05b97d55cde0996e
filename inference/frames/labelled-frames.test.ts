import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isNearboxError, type NearboxError } from '../../cache/foundation/index.ts';
import { offsetsInside, readFramePoints, readLabelledFrames } from './labelled-frames.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'labelled-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const object = { class: 'Car', center: [10, 2, 0.8], size: [4, 2, 1.6], yaw: 0.2, numPoints: 2 };
const frame = { id: 'a', points: 'a.bin', format: 'f32le-xyzi', objects: [object] };

async function index(content: unknown): Promise<void> {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  await writeFile(path.join(folder, 'index.json'), text);
}

async function points(name: string, values: number[]): Promise<void> {
  await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
  await writeFile(path.join(folder, name), new Uint8Array(Float32Array.from(values).buffer));
}

async function refusal(): Promise<NearboxError> {
  const error: unknown = await readLabelledFrames(folder).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!isNearboxError(error)) throw new Error(`no NearboxError: ${String(error)}`);
  return error;
}

describe('a labelled-frames folder', () => {
  it('is read, with what the format leaves open filled in', async () => {
    const pose = { position: [1, 2, 3], rotation: [0, 0, 0, 1], heading: 'kept out' };
    await index({
      license: 'any',
      frames: [frame, { ...frame, id: 'b', source: 's', scene: 'c', pose, objects: [] }],
    });
    const [a, b] = await readLabelledFrames(folder);
    expect(a).toMatchObject({ id: 'a', source: path.basename(folder), scene: 'a', pose: null });
    expect(a!.objects).toEqual([{ ...object, id: null }]);
    expect(b).toMatchObject({
      source: 's',
      scene: 'c',
      pose: { position: [1, 2, 3], rotation: [0, 0, 0, 1] },
    });
  });

  it('gives the points, and those inside a box', async () => {
    await index({ frames: [frame] });
    await points('a.bin', [10, 2, 0.8, 0.5, 0, 0, 0, 0.1, 10.5, 2.2, 0.1, 0.7]);
    const [a] = await readLabelledFrames(folder);
    const read = await readFramePoints(a!);
    expect(read.length).toBe(12);
    expect(offsetsInside(read, a!.objects[0]!)).toEqual([0, 8]);
  });

  it('refuses what does not fit, and says where', async () => {
    await index('{"frames": [');
    expect((await refusal()).message).toContain('index.json');
    await index({ frames: [{ ...frame, format: 'pcd' }] });
    expect((await refusal()).message).toContain('frames.0.format');
    await index({ frames: [frame, { ...frame, objects: [object, { ...object, size: [4, 0, 1] }] }] });
    const error = await refusal();
    expect(error.code).toBe('invalid_request');
    expect(error.fields[0]!.path).toBe('frames.1.objects.1.size.1');
    await index({ frames: [{ ...frame, points: '../elsewhere.bin' }] });
    expect((await refusal()).message).toContain('out of the folder');
  });

  it('refuses broken and missing point files', async () => {
    await index({ frames: [frame] });
    const [a] = await readLabelledFrames(folder);
    await expect(readFramePoints(a!)).rejects.toMatchObject({ code: 'not_found' });
    await points('a.bin', [1, 2, 3]);
    await expect(readFramePoints(a!)).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

describe('a KITTI training folder', () => {
  it('is read through its calibration', async () => {
    for (const name of ['label_2', 'calib']) await mkdir(path.join(folder, name));
    await writeFile(
      path.join(folder, 'calib', '000007.txt'),
      'R0_rect: 1 0 0 0 1 0 0 0 1\nTr_velo_to_cam: 0 -1 0 0 0 0 -1 0 1 0 0 0\n',
    );
    await writeFile(
      path.join(folder, 'label_2', '000007.txt'),
      'Van 0 0 0 0 0 0 0 2 1.9 5 -3 1.7 15 -1.5707963\n',
    );
    await points('velodyne/000007.bin', [15, 3, -0.5, 0]);
    const [only] = await readLabelledFrames(folder);
    expect(only).toMatchObject({ id: '000007', source: 'kitti' });
    const [van] = only!.objects;
    expect(van).toMatchObject({ class: 'Van', size: [5, 1.9, 2], numPoints: null });
    expect(van!.center.map((v) => Math.round(v * 1000) / 1000)).toEqual([15, 3, -0.7]);
    expect(van!.yaw).toBeCloseTo(0, 6);
    expect(offsetsInside(await readFramePoints(only!), van!)).toEqual([0]);
  });

  it('is refused where it is neither, or a file is missing', async () => {
    expect((await refusal()).message).toContain('neither index.json');
    await mkdir(path.join(folder, 'label_2'));
    await writeFile(path.join(folder, 'label_2', '000001.txt'), '');
    expect((await refusal()).message).toContain(path.join('calib', '000001.txt'));
    await expect(readLabelledFrames(path.join(folder, 'nowhere'))).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});
