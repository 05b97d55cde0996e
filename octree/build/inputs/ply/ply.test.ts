import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../../../cache/foundation/index.ts';
import {
  type PlyColumn,
  type PlyForm,
  type PlyTable,
  plyBytes,
  readAll,
  useScratch,
} from '../../testing/index.ts';
import { openInput } from '../open.ts';

const scratch = useScratch();
const FORMS: readonly PlyForm[] = ['ascii', 'binary_little_endian', 'binary_big_endian'];
const POINTS = 400;

const next = mulberry32(9);
const column = (name: string, type: string, value: (index: number) => number | number[]): PlyColumn => ({
  name,
  type,
  values: Array.from({ length: POINTS }, (_, index) => value(index)),
});
const X = column('x', 'double', () => 500_000 + next());
const Y = column('y', 'double', () => 5_400_000 + next());
const Z = column('z', 'float', () => Math.fround(next()));
const RED = column('red', 'uchar', (index) => index % 256);
const INTENSITY = column('scalar_Intensity', 'float', () => Math.fround(next()));
const LIST = column('neighbours', 'int', (index) => Array.from({ length: index % 5 }, (_, i) => i));
const FACES: PlyTable = {
  name: 'face',
  columns: [{ name: 'vertex_indices', type: 'int', values: [[0, 1, 2], [1, 2, 3, 4], []] }],
};

const vertices = (...columns: PlyColumn[]): PlyTable => ({ name: 'vertex', columns });
const open = async (tables: readonly PlyTable[], form: PlyForm) =>
  openInput(await scratch.write(`a-${form}.ply`, plyBytes(tables, form)));
const expected = (intensity?: PlyColumn) =>
  X.values.map((x, i) => ({ x, y: Y.values[i], z: Z.values[i], intensity: intensity?.values[i] ?? 0 }));

describe.each(FORMS)('PLY %s', (form) => {
  it('vertices with other properties, faces behind them', async () => {
    const input = await open([vertices(RED, X, Y, Z, INTENSITY), FACES], form);
    expect(input).toMatchObject({ count: POINTS, intensity: 'float32' });
    expect(await readAll(input)).toEqual(expected(INTENSITY));
  });

  it('faces before the vertices, no intensity', async () => {
    const input = await open([FACES, vertices(X, Y, Z)], form);
    expect(input.intensity).toBeNull();
    expect(await readAll(input)).toEqual(expected());
  });

  it('an integer intensity', async () => {
    const intensity = column('intensity', 'ushort', (index) => index * 100);
    const input = await open([vertices(X, Y, Z, intensity)], form);
    expect(input.intensity).toBe('uint16');
    expect(await readAll(input)).toEqual(expected(intensity));
  });

  it('a list behind the coordinates', async () => {
    expect(await readAll(await open([vertices(X, Y, Z, INTENSITY, LIST)], form))).toEqual(
      expected(INTENSITY),
    );
  });

  it('all single values, also behind lists, and 64-bit integers', async () => {
    const green = column('green', 'uchar', () => 7);
    const blue = column('blue', 'uchar', () => 9);
    const input = await open([vertices(LIST, RED, X, Y, green, LIST, Z, blue)], form);
    expect(input.attributes.map(({ name }) => name)).toEqual(['Red', 'Green', 'Blue']);
    expect(input.unread).toEqual(['neighbours', 'neighbours']);
    const colours: number[][] = [];
    for await (const { attributes, count } of input.batches({ attributes: true }))
      for (let i = 0; i < count; i++) colours.push(attributes.map((values) => values[i]!));
    expect(colours).toEqual(RED.values.map((red) => [257 * (red as number), 257 * 7, 257 * 9]));
  });

  it('a list before the coordinates', async () => {
    const reading = open([vertices(X, LIST, Y, Z)], form).then(readAll);
    expect(await reading).toEqual(expected());
  });

  it('cut off anywhere: an error that names the file', async () => {
    const bytes = plyBytes([vertices(X, Y, Z, LIST)], form);
    for (let length = 0; length < bytes.length - 60; length += 397) {
      const file = await scratch.write('cut.ply', bytes.subarray(0, length));
      await expect(openInput(file).then(readAll)).rejects.toMatchObject({
        code: 'invalid_request',
        message: expect.stringContaining('cut.ply'),
      });
    }
  });

  it('a changed byte: an error, or as many points', async () => {
    const bytes = plyBytes([FACES, vertices(X, Y, Z, LIST)], form);
    for (let round = 0; round < 60; round++) {
      const damaged = Buffer.from(bytes);
      const range = round % 2 === 0 ? 220 : damaged.length;
      damaged[Math.floor(next() * range)] = Math.floor(next() * 256);
      const file = await scratch.write('flip.ply', damaged);
      const result = await openInput(file)
        .then(readAll)
        .catch((error: unknown) => error);
      if (result instanceof Error) expect(result).toMatchObject({ code: 'invalid_request' });
      else expect((result as unknown[]).length).toBeLessThanOrEqual(POINTS);
    }
  });
});

describe('PLY header', () => {
  const head =
    'ply\nformat binary_little_endian 1.0\nelement vertex 1\nproperty float x\nproperty float y\nproperty float z\nend_header\n';

  it.each<[string, string, RegExp]>([
    ['another file', 'plywood', /does not begin with "ply"/],
    ['no format', head.replace(/format.*\n/, ''), /names no format/],
    ['another format', head.replace('1.0', '2.0'), /line 2: format .* 2\.0/],
    [
      'a count of 0 with data behind it',
      head.replace('vertex 1', 'vertex 0'),
      /counts 0 vertices, though 12 bytes/,
    ],
    ['no vertices', head.replace('vertex', 'point'), /0 elements "vertex"/],
    ['no z', head.replace('float z', 'float w'), /no property z, but x y w/],
    ['x in a list', head.replace('float x', 'list uchar float x'), /no property x/],
    ['an unknown type', head.replace('float x', 'half x'), /line 4: .* known type/],
    ['a property of nothing', head.replace(/element.*\n/, ''), /property before any element/],
    ['a strange line', head.replace('element', 'elephant'), /line 3: is not a line of a PLY header/],
    ['a negative count', head.replace('vertex 1', 'vertex -1'), /line 3/],
    [
      'a hostile count',
      head.replace('vertex 1', 'vertex 4000000000'),
      /promises 4000000000 vertices, it holds 1/,
    ],
    ['no end', 'ply\nformat ascii 1.0\n', /no end/],
  ])('refuses %s', async (_, text, message) => {
    const file = await scratch.write('bad.ply', Buffer.concat([Buffer.from(text), Buffer.alloc(12)]));
    await expect(openInput(file).then(readAll)).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(message),
    });
  });

  it('reads properties of 64-bit integers', async () => {
    const text = head.replace('end_header', 'property int64 stamp\nproperty uint64 t\nend_header');
    const bytes = Buffer.alloc(28);
    bytes.writeBigInt64LE(-5n, 12);
    bytes.writeBigUInt64LE(7n, 20);
    const input = await openInput(await scratch.write('wide.ply', Buffer.concat([Buffer.from(text), bytes])));
    expect(input.attributes).toEqual([
      { name: 'stamp', type: 'int64' },
      { name: 't', type: 'uint64' },
    ]);
    for await (const { attributes } of input.batches({ attributes: true }))
      expect(attributes.map((values) => values[0])).toEqual([-5, 7]);
  });

  it('a list with a hostile length is an error', async () => {
    const text = head.replace('end_header', 'property list int int far\nend_header');
    const bytes = Buffer.alloc(16);
    for (const length of [2 ** 31 - 1, -1]) {
      bytes.writeInt32LE(length, 12);
      const file = await scratch.write('bad.ply', Buffer.concat([Buffer.from(text), bytes]));
      await expect(openInput(file).then(readAll)).rejects.toMatchObject({ code: 'invalid_request' });
    }
  });
});
