import { describe, expect, it } from 'vitest';
import { kittiBytes, nuscenesBytes, readAll, scenePoints, useScratch } from '../../testing/index.ts';
import { openInput } from '../open.ts';

const scratch = useScratch();

describe('raw float32 inputs', () => {
  it('reads KITTI and nuScenes records as they are', async () => {
    const points = scenePoints(1000);
    const kitti = await openInput(await scratch.write('a.bin', kittiBytes(points)));
    const nuscenes = await openInput(await scratch.write('a.pcd.bin', nuscenesBytes(points)));
    expect(kitti.count).toBe(1000);
    expect(kitti.intensity).toBe('float32');
    expect(await readAll(kitti)).toEqual(points);
    expect(await readAll(nuscenes)).toEqual(points);
  });

  it('reads more points than a batch holds', async () => {
    const points = scenePoints(70_000);
    expect(await readAll(await openInput(await scratch.write('b.bin', kittiBytes(points))))).toEqual(points);
  });

  it('takes the format over the name', async () => {
    const points = scenePoints(20);
    const file = await scratch.write('frame.dat', nuscenesBytes(points));
    expect(await readAll(await openInput(file, 'nuscenes'))).toEqual(points);
  });

  it('refuses a file that ends within a record, naming it and the byte', async () => {
    const file = await scratch.write('cut.bin', kittiBytes(scenePoints(3)).subarray(0, 40));
    await expect(openInput(file)).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(/cut\.bin: 40 bytes .* at byte 32/),
    });
  });

  it.each([
    ['missing.bin', /missing\.bin: no such file/],
    ['.', /is a folder/],
  ])('refuses %s', async (name, message) => {
    await expect(openInput(scratch.path(name), 'kitti')).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(message),
    });
  });
});
