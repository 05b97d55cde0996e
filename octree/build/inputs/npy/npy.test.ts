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
const swapped = (bytes: Uint8Array, size: number) =>
  size === 4 ? Buffer.from(bytes).swap32() : Buffer.from(bytes).swap64();
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
    expect(six.unread).toEqual([]);
    expect(six.attributes).toEqual(['column 4', 'column 5'].map((name) => ({ name, type: 'float64' })));
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

  it.each<[string, string, (values: readonly number[]) => Uint8Array]>([
    ['big-endian float32', '>f4', (v) => swapped(floats(v), 4)],
    ['big-endian float64', '>f8', (v) => swapped(doubles(v), 8)],
    ['int16', '<i2', (v) => new Uint8Array(Int16Array.from(v).buffer)],
    ['uint8', '|u1', (v) => Uint8Array.from(v)],
    ['int64', '<i8', (v) => new Uint8Array(BigInt64Array.from(v.map(BigInt)).buffer)],
    ['native float32', '=f4', floats],
  ])('of %s, row by row and column by column', async (_, type, bytes) => {
    const [rows, columns] = [
      [1, 2, 3, 4, 5, 6, 7, 8],
      [1, 5, 2, 6, 3, 7, 4, 8],
    ];
    for (const [order, values] of [
      ['False', rows],
      ['True', columns],
    ] as const) {
      const header = `{'descr': '${type}', 'fortran_order': ${order}, 'shape': (2, 4), }`;
      expect(await readAll(await open('typed.npy', header, bytes(values)))).toEqual([
        { x: 1, y: 2, z: 3, intensity: 4 },
        { x: 5, y: 6, z: 7, intensity: 8 },
      ]);
    }
  });

  it('of structures with colours and vectors: each number has a name', async () => {
    const header =
      "{'descr': [('position', '<f4', (3,)), ('colors', '|u1', (3,)), ('normal', '<f4', (3,)), ('name', '<U2')], 'fortran_order': False, 'shape': (1,), }";
    const data = Buffer.concat([
      floats([1, 2, 3]),
      Uint8Array.from([255, 128, 0]),
      floats([0.5, 0, 1]),
      Buffer.alloc(8),
    ]);
    const input = await open('vectors.npy', header, data);
    expect(input.attributes.map(({ name }) => name)).toEqual([
      ...['Red', 'Green', 'Blue', 'normal_0', 'normal_1', 'normal_2'],
    ]);
    expect(input.unread).toEqual(['name']);
    for await (const { attributes } of input.batches({ attributes: true }))
      expect(attributes.map((column) => column[0])).toEqual([65_535, 32_896, 0, 0.5, 0, 1]);
  });

  it.each<[string, string, RegExp]>([
    [
      'another shape',
      "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 2), }",
      /4 x 2.*N x 3 or more.*transpose/,
    ],
    [
      'swapped axes',
      "{'descr': '|u1', 'fortran_order': False, 'shape': (4, 800), }",
      /array of 4 x 800, .*transpose it/,
    ],
    ['no points', "{'descr': '<f4', 'fortran_order': False, 'shape': (9,), }", /array of 9, not of N x 3/],
    ['objects', "{'descr': '|O', 'fortran_order': False, 'shape': (2, 4), }", /type "\|O"/],
    [
      'words',
      "{'descr': [('x', '<U3'), ('y', '<f4'), ('z', '<f4')], 'shape': (1,), }",
      /of the type <U3, which is not read/,
    ],
    [
      'half precision',
      "{'descr': '<f2', 'fortran_order': False, 'shape': (2, 4), }",
      /of the type <f2, which is not read: .*float32/,
    ],
    [
      'half precision, column by column',
      "{'descr': '<f2', 'fortran_order': True, 'shape': (2, 4), }",
      /of the type <f2, which is not read: .*float32/,
    ],
    [
      'a range image',
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 4), }",
      /array of 1 x 2 x 4, .*reshape\(-1, 4\)/,
    ],
    [
      'structures in rows',
      "{'descr': [('x', '<f4'), ('y', '<f4')], 'fortran_order': False, 'shape': (1, 1), }",
      /array of 1 x 1, .*reshape\(-1\)/,
    ],
    [
      'complex numbers',
      "{'descr': '<c8', 'fortran_order': False, 'shape': (1, 4), }",
      /of the type <c8, which is not read/,
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
