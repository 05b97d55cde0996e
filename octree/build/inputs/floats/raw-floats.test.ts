import { describe, expect, it } from 'vitest';
import {
  floatBytes,
  kittiBytes,
  nuscenesBytes,
  readAll,
  scenePoints,
  useScratch,
} from '../../testing/index.ts';
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

  it.each<[string, Uint8Array, RegExp]>([
    ['LAS', Buffer.from('LASF'.padEnd(400, '\0')), /is a LAS file by its first bytes: use --format las/],
    ['PLY', Buffer.from('ply\nformat ascii 1.0\n'), /is a PLY file .*--format ply/],
    ['PCD', Buffer.from('# .PCD v0.7\nVERSION 0.7\n'), /is a PCD file .*--format pcd/],
    ['numpy', Buffer.from('\x93NUMPY\x01\x00', 'latin1'), /is an array of numpy .*--format npy/],
    ['zip', Buffer.from('PK\x03\x04'.padEnd(64, '\0'), 'latin1'), /is a zip archive: unpack/],
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]), /is compressed by gzip: unpack/],
  ])('names the format of a %s file under its ending', async (_, bytes, message) => {
    for (const name of ['wrong.bin', 'wrong.pcd.bin'])
      await expect(openInput(await scratch.write(name, bytes))).rejects.toMatchObject({
        code: 'invalid_request',
        message: expect.stringMatching(message),
      });
  });

  it.each<[string, (values: readonly number[]) => Uint8Array]>([
    ['big-endian float32', (values) => Buffer.from(Float32Array.from(values).buffer).swap32()],
    ['float64', (values) => Buffer.from(Float64Array.from(values).buffer)],
    ['int16', (values) => Buffer.from(Int16Array.from(values.map((value) => 100 * value)).buffer)],
  ])('refuses %s, saying what it expected', async (_, bytes) => {
    const values = scenePoints(1000).flatMap(({ x, y, z, intensity }) => [
      1.1 * x,
      1.1 * y,
      1.1 * z,
      intensity / 3,
    ]);
    await expect(openInput(await scratch.write('typed.bin', bytes(values)))).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(/typed\.bin: .*--format/),
    });
  });

  it('keeps the values behind the intensity: a ring if it is one', async () => {
    const points = scenePoints(100);
    const names = async (name: string, fifth: (i: number) => number) => {
      const values = points.flatMap(({ x, y, z, intensity }, i) => [x, y, z, intensity, fifth(i)]);
      const input = await openInput(await scratch.write(name, floatBytes(values)), 'f32:5');
      return input.attributes;
    };
    expect(await names('ring.bin', (i) => i % 32)).toEqual([{ name: 'Ring', type: 'uint16' }]);
    expect(await names('time.bin', (i) => i / 1000)).toEqual([{ name: 'value 5', type: 'float32' }]);
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
