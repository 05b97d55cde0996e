import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../../../cache/foundation/index.ts';
import {
  type PcdColumn,
  type PcdForm,
  pcdBytes,
  pcdHeader,
  readAll,
  useScratch,
} from '../../testing/index.ts';
import { openInput } from '../open.ts';

const scratch = useScratch();
const FORMS: readonly PcdForm[] = ['ascii', 'binary', 'binary_compressed'];
const POINTS = 500;

const next = mulberry32(5);
const column = (name: string, type: string, value: (index: number) => number, count = 1): PcdColumn => ({
  name,
  type,
  count,
  values: Array.from({ length: POINTS * count }, (_, index) => value(index)),
});
const X = column('x', 'F4', () => Math.fround(100 * next() - 50));
const Y = column('y', 'F4', () => Math.fround(100 * next() - 50));
const Z = column('z', 'F4', () => Math.fround(4 * next() - 2));
const INTENSITY = column('intensity', 'F4', () => Math.fround(next()));
const RGB = column('rgb', 'U4', (index) => index * 4001);

const open = async (columns: readonly PcdColumn[], form: PcdForm) =>
  openInput(await scratch.write(`a-${form}.pcd`, pcdBytes(columns, POINTS, form)));

function expected(x: PcdColumn, y: PcdColumn, z: PcdColumn, intensity?: PcdColumn) {
  return x.values.map((_, i) => ({
    x: x.values[i],
    y: y.values[i],
    z: z.values[i],
    intensity: intensity?.values[i] ?? 0,
  }));
}

describe.each(FORMS)('PCD %s', (form) => {
  it('x y z intensity', async () => {
    const input = await open([X, Y, Z, INTENSITY], form);
    expect(input).toMatchObject({ count: POINTS, intensity: 'float32' });
    expect(await readAll(input)).toEqual(expected(X, Y, Z, INTENSITY));
  });

  it('fields in another order, of other types, with others between them', async () => {
    const x = column('x', 'F8', () => 500_000 + next());
    const y = column('y', 'F8', () => 5_400_000 + next());
    const z = column('z', 'I2', (index) => (index % 400) - 200);
    const intensity = column('intensity', 'U1', (index) => index % 256);
    const histogram = column('fpfh', 'F4', () => Math.fround(next()), 33);
    const stamp = column('t', 'U8', (index) => index);
    const input = await open([RGB, z, histogram, intensity, y, stamp, x], form);
    expect(input.intensity).toBe('uint16');
    expect(await readAll(input)).toEqual(expected(x, y, z, intensity));
  });

  it('no intensity', async () => {
    const input = await open([X, Y, Z, RGB], form);
    expect(input.intensity).toBeNull();
    expect(await readAll(input)).toEqual(expected(X, Y, Z));
  });

  it('points that are not finite are there for the builder to drop', async () => {
    const x = column('x', 'F4', (index) => (index % 2 === 0 ? Number.NaN : 1));
    const points = await readAll(await open([x, Y, Z], form));
    expect(points.filter((point) => Number.isNaN(point.x))).toHaveLength(POINTS / 2);
  });

  it('cut off anywhere: an error that names the file', async () => {
    const bytes = pcdBytes([X, Y, Z, INTENSITY], POINTS, form);
    // A text may end without its last digits or line end and still be whole.
    for (let length = 0; length < bytes.length - 30; length += 397) {
      const file = await scratch.write('cut.pcd', bytes.subarray(0, length));
      await expect(openInput(file).then(readAll)).rejects.toMatchObject({
        code: 'invalid_request',
        message: expect.stringContaining('cut.pcd'),
      });
    }
  });

  it('a changed byte: an error, or as many points', async () => {
    const bytes = pcdBytes([X, Y, Z, INTENSITY], POINTS, form);
    for (let round = 0; round < 60; round++) {
      const damaged = Buffer.from(bytes);
      // Half of them in the header.
      const range = round % 2 === 0 ? 240 : damaged.length;
      damaged[Math.floor(next() * range)] = Math.floor(next() * 256);
      const file = await scratch.write('flip.pcd', damaged);
      const result = await openInput(file)
        .then(readAll)
        .catch((error: unknown) => error);
      if (result instanceof Error) expect(result).toMatchObject({ code: 'invalid_request' });
      else expect((result as unknown[]).length).toBeLessThanOrEqual(POINTS);
    }
  });
});

describe('PCD text', () => {
  it('takes CR LF, tabs, empty lines, nan and inf, and a last line without an end', async () => {
    const text =
      'FIELDS x y z\r\nSIZE 4 4 4\r\nTYPE F F F\r\nWIDTH 3\r\nHEIGHT 1\r\nDATA ascii\r\n1 2 3\r\n\r\n nan\t-inf  4\r\n1e1 -0.5 +3';
    const points = await readAll(await openInput(await scratch.write('a.pcd', text)));
    expect(points.map(({ x, y, z }) => [x, y, z])).toEqual([
      [1, 2, 3],
      [Number.NaN, -Infinity, 4],
      [10, -0.5, 3],
    ]);
  });

  const columns = [X, Y, Z];
  const head = (points = 2) => pcdHeader(columns, points, 'ascii');
  it.each<[string, string, RegExp]>([
    ['a word', `${head()}1 2 3\n1 two 3\n`, /line 13: "two" is not a number/],
    ['hex', `${head()}1 2 3\n1 0x10 3\n`, /line 13: "0x10"/],
    ['too few values', `${head()}1 2 3\n1 2\n`, /line 13: has 2 values instead of 3/],
    ['a point too few', `${head()}1 2 3\n`, /1 of 2 points/],
    ['an endless line', head() + '1'.repeat(400_000), /longer than 65536/],
  ])('refuses %s', async (_, text, message) => {
    const file = await scratch.write('bad.pcd', text);
    await expect(openInput(file).then(readAll)).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(message),
    });
  });
});

describe('PCD header', () => {
  const good = pcdHeader([X, Y, Z], 2, 'binary');
  const change = (from: RegExp, to: string) =>
    Buffer.concat([Buffer.from(good.replace(from, to)), Buffer.alloc(24)]);

  it.each<[string, RegExp, string, RegExp]>([
    ['no x', /FIELDS x/, 'FIELDS a', /no field x; its fields: a y z/],
    [
      'three values in one field',
      /FIELDS[\s\S]*COUNT.*\n/,
      'FIELDS xyz\nSIZE 4\nTYPE F\nCOUNT 3\n',
      /no field x; its fields: xyz; x, y and z have to be fields of their own/,
    ],
    ['two x', /FIELDS x y/, 'FIELDS x x', /field x occurs 2 times/],
    ['no FIELDS', /FIELDS.*\n/, '', /names no FIELDS/],
    ['sizes for other fields', /SIZE 4 4 4/, 'SIZE 4 4', /SIZE has 2 values for 3 FIELDS/],
    ['an unknown type', /TYPE F/, 'TYPE Q', /TYPE Q of SIZE 4/],
    ['an unknown size', /SIZE 4/, 'SIZE 3', /TYPE F of SIZE 3/],
    ['a count of x', /COUNT 1/, 'COUNT 2', /field x has COUNT 2/],
    ['a hostile count', /COUNT 1/, 'COUNT 99999999999', /COUNT 99999999999/],
    ['other points than width x height', /WIDTH 2/, 'WIDTH 3', /WIDTH 3 x HEIGHT 1 is 3, but POINTS is 2/],
    ['a negative width', /WIDTH 2/, 'WIDTH -2', /WIDTH -2/],
    ['hostile points', /WIDTH 2([\s\S]*)POINTS 2/, 'WIDTH 4000000000$1POINTS 4000000000', /cut off/],
    ['neither points nor width', /WIDTH 2([\s\S]*)POINTS 2\n/, '$1', /neither POINTS nor WIDTH|no line/],
    ['another form', /DATA binary/, 'DATA lzma', /DATA lzma is not/],
    ['no end', /DATA.*\n/, '', /no end/],
    ['another file', /VERSION/, '<html>', /line 2: is not a line/],
  ])('refuses %s', async (_, from, to, message) => {
    const file = await scratch.write('bad.pcd', change(from, to));
    await expect(openInput(file)).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(message),
    });
  });

  it('names a count of 0 with data behind it', async () => {
    const text = good.replace('WIDTH 2', 'WIDTH 0').replace('POINTS 2', 'POINTS 0');
    const file = await scratch.write('zero.pcd', Buffer.concat([Buffer.from(text), Buffer.alloc(24)]));
    await expect(openInput(file)).rejects.toThrow(/counts 0 points, though 24 bytes follow/);
  });

  it('keeps no padding', async () => {
    const padded = pcdHeader(
      [X, Y, Z, { name: '_', type: 'F4', values: [] }, { name: 'padding1', type: 'U1', values: [] }],
      2,
      'binary',
    );
    const file = await scratch.write('padded.pcd', Buffer.concat([Buffer.from(padded), Buffer.alloc(34)]));
    expect(await openInput(file)).toMatchObject({ attributes: [], unread: [] });
  });

  it('goes without POINTS, COUNT, VIEWPOINT and VERSION', async () => {
    const text = good.replace(/(POINTS|COUNT|VIEWPOINT|VERSION).*\n/g, '');
    const file = await scratch.write('a.pcd', Buffer.concat([Buffer.from(text), Buffer.alloc(24)]));
    expect(await readAll(await openInput(file))).toHaveLength(2);
  });

  it('multiplies width and height of an organised cloud', async () => {
    const text = good.replace('WIDTH 2\nHEIGHT 1', 'WIDTH 1\nHEIGHT 2');
    const file = await scratch.write('a.pcd', Buffer.concat([Buffer.from(text), Buffer.alloc(24)]));
    expect((await openInput(file)).count).toBe(2);
  });

  it('does not believe the sizes of compressed data', async () => {
    const bytes = Buffer.from(pcdBytes([X, Y, Z], POINTS, 'binary_compressed'));
    const at = bytes.indexOf('binary_compressed\n') + 'binary_compressed\n'.length;
    const refused = async (compressed: number, size: number, message: RegExp) => {
      const changed = Buffer.from(bytes);
      changed.writeUInt32LE(compressed, at);
      changed.writeUInt32LE(size, at + 4);
      const file = await scratch.write('bad.pcd', changed);
      await expect(openInput(file).then(readAll)).rejects.toThrow(message);
    };
    await refused(0xffffffff, POINTS * 12, /cut off/);
    await refused(10, POINTS * 12, /cannot hold/);
    await refused(1000, 0xffffffff, /4294967295 bytes, its points need 6000/);
  });
});
