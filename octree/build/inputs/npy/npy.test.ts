import { describe, expect, it } from 'vitest';
import { readAll, scenePoints, useScratch } from '../../testing/index.ts';
import { openInput } from '../open.ts';

const scratch = useScratch();

/** A `.npy` file of version 1 with this header, padded as numpy does. */
function npy(header: string, data: Uint8Array): Uint8Array {
  const text = `${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`;
  const head = Buffer.alloc(10);
  head.write('\x93NUMPY', 'latin1');
  head.set([1, 0], 6);
  head.writeUInt16LE(text.length, 8);
  return Buffer.concat([head, Buffer.from(text, 'latin1'), data]);
}

const floats = (values: readonly number[]) => new Uint8Array(Float32Array.from(values).buffer);
const doubles = (values: readonly number[]) => new Uint8Array(Float64Array.from(values).buffer);
const open = async (name: string, header: string, data: Uint8Array) =>
  openInput(await scratch.write(name, npy(header, data)));

describe('a .npy array', () => {
  const points = scenePoints(500, 4);

  it('of N x 4 float32', async () => {
    const data = floats(points.flatMap(({ x, y, z, intensity }) => [x, y, z, intensity]));
    const input = await open('a.npy', "{'descr': '<f4', 'fortran_order': False, 'shape': (500, 4), }", data);
    expect(input).toMatchObject({ count: 500, intensity: 'float32', unread: [] });
    expect(await readAll(input)).toEqual(points);
  });

  it('of N x 3 float64, and of more columns than are known', async () => {
    const three = await open(
      'b.npy',
      "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }",
      doubles([431250.125, 4582310.75, 12, 1, 2, 3]),
    );
    expect(three.intensity).toBeNull();
    expect(await readAll(three)).toEqual([
      { x: 431250.125, y: 4582310.75, z: 12, intensity: 0 },
      { x: 1, y: 2, z: 3, intensity: 0 },
    ]);
    const six = await open(
      'c.npy',
      "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 6), }",
      doubles([1, 2, 3, 4, 5, 6]),
    );
    expect(six.unread).toEqual(['column 4', 'column 5']);
    expect(await readAll(six)).toEqual([{ x: 1, y: 2, z: 3, intensity: 4 }]);
  });

  it('in Fortran’s order', async () => {
    const input = await open(
      'd.npy',
      "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 4), }",
      floats([1, 2, 3, 4, 5, 6, 7, 8]),
    );
    expect(await readAll(input)).toEqual([
      { x: 1, y: 3, z: 5, intensity: 7 },
      { x: 2, y: 4, z: 6, intensity: 8 },
    ]);
  });

  it('of structures, of both byte orders, with padding and a position of three', async () => {
    const record = Buffer.alloc(2 * 17);
    for (const [row, at] of [0, 17].entries()) {
      record.writeUInt8(200 + row, at);
      for (const [axis, value] of [1.5, 2.5, 3.5].entries())
        record.writeFloatBE(value + row, at + 1 + 4 * axis);
    }
    const input = await open(
      'e.npy',
      "{'descr': [('reflectivity', '|u1'), ('xyz', '>f4', (3,)), ('', '|V4')], 'fortran_order': False, 'shape': (2,), }",
      record,
    );
    expect(input.intensity).toBe('uint16');
    expect(await readAll(input)).toEqual([
      { x: 1.5, y: 2.5, z: 3.5, intensity: 200 },
      { x: 2.5, y: 3.5, z: 4.5, intensity: 201 },
    ]);
  });

  it.each<[string, string, RegExp]>([
    [
      'another shape',
      "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 2), }",
      /4 x 2.*N x 3 or more.*transpose/,
    ],
    ['no points', "{'descr': '<f4', 'fortran_order': False, 'shape': (9,), }", /array of 9, not of N x 3/],
    ['objects', "{'descr': '|O', 'fortran_order': False, 'shape': (2, 4), }", /type "\|O"/],
    [
      'words',
      "{'descr': [('x', '<U3'), ('y', '<f4'), ('z', '<f4')], 'shape': (1,), }",
      /no numbers x, y and z/,
    ],
    [
      'half precision',
      "{'descr': '<f2', 'fortran_order': False, 'shape': (2, 4), }",
      /no numbers x, y and z/,
    ],
    [
      'fewer bytes than it promises',
      "{'descr': '<f4', 'fortran_order': False, 'shape': (999, 4), }",
      /cut off/,
    ],
  ])('of %s: refused', async (_, header, message) => {
    await expect(open('bad.npy', header, floats([1, 2, 3, 4, 5, 6, 7, 8]))).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(message),
    });
  });

  it('that is none is refused', async () => {
    await expect(openInput(await scratch.write('none.npy', 'hello'))).rejects.toThrow(/is not a \.npy file/);
  });
});
