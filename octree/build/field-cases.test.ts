/**
 * Files of kinds that people reported about other tools: each is read right, or refused with the reason and
 * the way out.
 */

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../cache/foundation/index.ts';
import { type BuildOptions, type BuiltCloud, buildCloud } from './index.ts';
import {
  asMultiset,
  floatBytes,
  kittiBytes,
  lasBytes,
  nuscenesBytes,
  pcdHeader,
  readCloud,
  scenePoints,
  type TestPoint,
  useScratch,
} from './testing/index.ts';

const scratch = useScratch();
const POINTS = scenePoints(1200, 7);
let clouds = 0;

interface Built extends BuiltCloud {
  readonly stored: readonly TestPoint[];
}

async function build(file: string, options: BuildOptions = {}): Promise<Built> {
  const folder = scratch.path(`cloud-${clouds++}`);
  const built = await buildCloud([file], folder, options);
  return { ...built, stored: (await readCloud(folder)).points };
}

async function expectRefused(file: string, message: RegExp, options: BuildOptions = {}): Promise<void> {
  await expect(build(file, options)).rejects.toMatchObject({
    code: 'invalid_request',
    message: expect.stringMatching(message),
  });
}

const expectSame = (stored: readonly TestPoint[], points: readonly TestPoint[]) =>
  expect(asMultiset(stored, 0.001)).toEqual(asMultiset(points, 0.001));

describe('float32 records of another length than the name says', () => {
  const columns = (floats: number) => (p: TestPoint, index: number) =>
    [p.x, p.y, p.z, p.intensity, index % 64, index * 1e-4, 0.5 * p.x, 7, 8, 9].slice(0, floats);
  const bytesOf = (floats: number, points = POINTS) => floatBytes(points.flatMap(columns(floats)));

  it.each([
    ['scan.bin', 5],
    ['scan.bin', 6],
    ['scan.bin', 3],
    ['scan.pcd.bin', 4],
    ['scan.pcd.bin', 6],
    ['scan.BIN', 5],
  ])('%s with %i floats a point is refused, and read where that is stated', async (name, floats) => {
    // As many points that the wrong number of floats divides the file as well.
    const file = await scratch.write(`${floats}-${name}`, bytesOf(floats));
    await expectRefused(file, new RegExp(`--format f32:${floats}`));
    const { stored } = await build(file, { format: `f32:${floats}` });
    expectSame(stored, floats === 3 ? POINTS.map((p) => ({ ...p, intensity: 0 })) : POINTS);
  });

  it('names the number of floats where the wrong one does not divide the file', async () => {
    const file = await scratch.write('odd.bin', bytesOf(5, POINTS.slice(0, 999)));
    await expectRefused(file, /19980 bytes .*--format f32:5/);
  });

  it('knows a ring by its small whole numbers, whatever the coordinates are like', async () => {
    const points = POINTS.map((p) => ({
      ...p,
      x: p.x / 8,
      y: p.y / 8,
      intensity: Math.round(20 * p.intensity),
    }));
    const file = await scratch.write('ring.bin', nuscenesBytes(points));
    await expectRefused(file, /--format f32:5/);
  });

  it('tells six floats from three, though three look nearly as good', async () => {
    const next = mulberry32(3);
    const six = POINTS.flatMap((p, i) => [p.x, p.y, 3 * next() - 1.5, 60 * next(), i % 64, -next()]);
    await expectRefused(await scratch.write('six.bin', floatBytes(six)), /--format f32:6/);
  });

  it('takes two lasers in turn for points of four floats, not for eight', async () => {
    const next = mulberry32(11);
    const lasers = Array.from({ length: 400 }, (_, i) => ({
      x: 4 * next() - 3,
      y: (i % 2 === 0 ? -3 : -7) + 8 * next() - 4,
      z: (i % 2 === 0 ? 1 : 0) + 2.6 * next() - 1.3,
      intensity: Math.round(-Math.log(1 - next()) * (i % 2 === 0 ? 1.8 : 10)),
    }));
    const file = await scratch.write('lasers.bin', kittiBytes(lasers));
    expectSame((await build(file)).stored, lasers);
  });

  it('refuses values that are no float32', async () => {
    const doubles = Buffer.from(
      Float64Array.from(POINTS.flatMap((p) => [1.1 * p.x, 1.1 * p.y, 1.1 * p.z, p.intensity / 3])).buffer,
    );
    await expectRefused(await scratch.write('doubles.bin', doubles), /not float32 coordinates/);
  });

  it('takes files by their name where their values do not speak against it', async () => {
    for (const points of [POINTS, POINTS.map((p) => ({ ...p, intensity: Math.round(255 * p.intensity) }))]) {
      expectSame((await build(await scratch.write('right.bin', kittiBytes(points)))).stored, points);
      expectSame((await build(await scratch.write('right.pcd.bin', nuscenesBytes(points)))).stored, points);
    }
    const copies = Array<TestPoint>(500).fill(POINTS[0]!);
    expectSame((await build(await scratch.write('copies.bin', kittiBytes(copies)))).stored, copies);
  });
});

describe('wild points', () => {
  const wild = (...places: [number, number, number][]) =>
    places.map(([x, y, z]) => ({ x, y, z, intensity: 0 }));

  it.each<[string, TestPoint[], TestPoint[]]>([
    ['last', [], wild([1e8, 0, 0])],
    ['first', wild([1e7, 0, 0]), []],
    ['that fit the scale', wild([0, -1e6, 0]), wild([0, 0, 1e5])],
    ['beyond float64 sense', wild([1e30, -1e30, 0]), wild([3e38, 0, 0])],
  ])('%s are left out and counted', async (name, before, after) => {
    const file = await scratch.write(`wild-${name}.bin`, kittiBytes([...before, ...POINTS, ...after]));
    const built = await build(file);
    expect(built).toMatchObject({ points: POINTS.length, wild: before.length + after.length, dropped: 0 });
    expectSame(built.stored, POINTS);
  });

  it('are left out of a cloud that goes through temporary files, too', async () => {
    const file = await scratch.write('spilled.bin', kittiBytes([...POINTS, ...wild([1e6, 0, 0])]));
    const built = await build(file, { memoryPoints: 300, span: 16, maxNodePoints: 100 });
    expect(built).toMatchObject({ points: POINTS.length, wild: 1 });
    expectSame(built.stored, POINTS);
  });

  it.each([1e5, 1e8])('at %d m are a reason to refuse the input, if that is wanted', async (x) => {
    const file = await scratch.write('refused.bin', kittiBytes([...POINTS, ...wild([x, 0, 0])]));
    await expectRefused(file, /1 of 1201 points lie far away.*--wild-points drop/, { wildPoints: 'refuse' });
  });

  it('are no wild points if there are many, or if the scene is as large', async () => {
    const far = POINTS.slice(0, 100).map((p) => ({ ...p, x: p.x + 50_000 }));
    const two = await build(await scratch.write('two.bin', kittiBytes([...POINTS, ...far])));
    expect(two).toMatchObject({ points: 1300, wild: 0 });
    const line = Array.from({ length: 400 }, (_, i) => ({ x: 500 * i, y: 0, z: 0, intensity: 0 }));
    expect(await build(await scratch.write('line.bin', kittiBytes(line)))).toMatchObject({
      points: 400,
      wild: 0,
    });
  });
});

describe('scales', () => {
  const las = (scale: number, spread: number, offset: [number, number, number]) =>
    lasBytes(
      Array.from({ length: 400 }, (_, i) => ({
        x: (i * 7919) % spread,
        y: (i * 4871) % spread,
        z: i,
        intensity: i,
      })),
      { version: 2, pointFormat: 1, scale, offset },
    );

  it('degrees are refused: at a millimetre all points would fall on one place', async () => {
    const file = await scratch.write('degrees.las', las(1e-7, 5000, [11.5, 48.1, 0]));
    await expectRefused(
      file,
      /degrees\.las: .* look like degrees .*: reproject them to metres, or state a --scale/,
    );
  });

  it.each<[string, number, RegExp]>([
    ['text', 1e-7, /seen from above; .*degrees/],
    ['text of a small scene', 1e-8, /degrees/],
  ])('degrees in %s, with heights in metres, are refused', async (_, step, message) => {
    const next = mulberry32(5);
    const place = () => Math.floor(next() * 50_000) * step;
    const rows = Array.from(
      { length: 3000 },
      () => `${11.5 + place()} ${48.1 + place()} ${500 + 20 * next()}`,
    );
    await expectRefused(await scratch.write(`degrees-${step}.xyz`, rows.join('\n')), message);
  });

  it('degrees are known by the GeoTIFF keys as well, whatever the step', async () => {
    const plain = Buffer.from(las(1e-5, 5000, [11.5, 48.1, 0]));
    const at = plain.readUInt32LE(96);
    const record = Buffer.alloc(54 + 16);
    record.write('LASF_Projection', 2, 'latin1');
    record.writeUInt16LE(34_735, 18);
    record.writeUInt16LE(16, 20);
    for (const [i, value] of [1, 1, 0, 1, 1024, 0, 1, 2].entries()) record.writeUInt16LE(value, 54 + 2 * i);
    const bytes = Buffer.concat([plain.subarray(0, at), record, plain.subarray(at)]);
    bytes.writeUInt32LE(at + record.length, 96);
    bytes.writeUInt32LE(1, 100);
    await expectRefused(await scratch.write('keys.las', bytes), /look like degrees/);
  });

  /** Heights have steps of 0.1 m: from 0 to 40 m. */
  const lasOf = (step: number, spread: number, offset: [number, number, number]) => {
    const bytes = Buffer.from(las(step, spread, offset));
    bytes.writeDoubleLE(0.1, 131 + 16);
    return bytes;
  };

  it.each([
    [1e-5, 1000],
    [2e-6, 400_000],
    [1e-4, 5000],
  ])('degrees in steps of %d that nothing states are built with a warning', async (step, spread) => {
    const file = await scratch.write(`degrees-${step}.las`, lasOf(step, spread, [11.5, -48.1, 0]));
    const { stored, warnings } = await build(file);
    expect(stored).toHaveLength(400);
    expect(warnings).toMatchObject([
      expect.stringMatching(/could be longitude and latitude: .* are 36 high.*reproject them/),
    ]);
    expect((await build(file, { scale: step })).warnings).not.toMatchObject([
      expect.stringMatching(/longitude/),
    ]);
  });

  it.each<[string, number, [number, number, number]]>([
    ['a room', 1e-4, [3, 2, 0]],
    ['a part, finely scanned, at the scanner', 1e-5, [0, 0, 0]],
    ['a tower in UTM', 1e-5, [500_000, 5_400_000, 0]],
  ])('%s is built without such a warning', async (_, step, offset) => {
    const file = await scratch.write(
      `metres-${step}-${offset[0]}.las`,
      lasOf(step, (5000 * 1e-4) / step, offset),
    );
    expect((await build(file)).warnings).toEqual([]);
  });

  it('a finer scale of the input is taken over', async () => {
    const built = await build(await scratch.write('fine.las', las(1e-4, 100_000, [500_000, 5_400_000, 0])));
    expect(built.warnings).toEqual([]);
    expect(new Set(built.stored.map(({ x, y }) => `${x} ${y}`)).size).toBe(400);
  });

  it('a coarser scale than the input has is warned of', async () => {
    const file = await scratch.write('coarse.las', las(0.01, 100_000, [500_000, 5_400_000, 0]));
    expect((await build(file, { scale: 0.1 })).warnings).toMatchObject([
      expect.stringMatching(/coarse\.las: stores steps of 0\.01, the cloud has steps of 0\.1/),
    ]);
    expect((await build(file)).warnings).toEqual([]);
  });
});

describe('LAS and LAZ headers', () => {
  const fixture = (pointFormat: number) =>
    readFile(new URL(`./fixtures/format-${pointFormat}.laz`, import.meta.url));
  const withBounds = async (change: (value: number, index: number) => number) => {
    const bytes = Buffer.from(await fixture(6));
    for (let i = 0; i < 6; i++) bytes.writeDoubleLE(change(bytes.readDoubleLE(179 + 8 * i), i), 179 + 8 * i);
    return bytes;
  };

  it.each<[string, (value: number, index: number) => number]>([
    ['zero', () => 0],
    ['2 cm short', (value, index) => value + (index % 2 === 0 ? -0.02 : 0.02)],
    ['not numbers', () => Number.NaN],
  ])('bounds that are %s are a warning', async (name, change) => {
    const file = await scratch.write(`bounds-${name}.laz`, await withBounds(change));
    const built = await build(file);
    expect(built.points).toBe(300);
    expect(built.warnings).toMatchObject([
      expect.stringMatching(/points lie outside of the bounds in its header/),
    ]);
  });

  it('a count of 0 with data behind it is named', async () => {
    const laz = Buffer.from(await fixture(6));
    laz.writeBigUInt64LE(0n, 247);
    laz.writeUInt32LE(0, 107);
    await expectRefused(
      await scratch.write('zero.laz', laz),
      /counts 0 points, though \d+ bytes of point data follow/,
    );
    const las = Buffer.from(
      lasBytes([{ x: 1, y: 2, z: 3, intensity: 4 }], {
        version: 2,
        pointFormat: 0,
        scale: 1,
        offset: [0, 0, 0],
      }),
    );
    las.writeUInt32LE(0, 107);
    await expectRefused(await scratch.write('zero.las', las), /counts 0 points, though 20 bytes/);
    await expectRefused(await scratch.write('none.las', las.subarray(0, 227)), /has no points/);
  });
});

describe('text and headers', () => {
  const rows = POINTS.slice(0, 40);
  const float = (name: string) => ({ name, type: 'F4', values: [] });
  const head = (names: string[], form: 'ascii' | 'binary', count = rows.length) =>
    pcdHeader(names.map(float), count, form);
  const text = (points = rows) =>
    points.map(({ x, y, z, intensity }) => `${x} ${y} ${z} ${intensity}`).join('\n');
  const xyzi = ['x', 'y', 'z', 'intensity'];

  it.each([
    ...['reflectivity', 'reflectance', 'remission', 'Intensity', 'i', 'scalar_Reflectance'],
    ...['Amplitude', 'signal', 'INTENSITY', 'scalar_intensities', 'laser_intensity', 'Raw_Reflectance'],
    ...['reflectiveness', 'signal_strength', 'refl', 'Scalar_field', 'gray', 'rcs', 'signal_photons'],
  ])('an intensity by the name %s', async (name) => {
    const pcd = await scratch.write('named.pcd', `${head(['x', 'y', 'z', name], 'ascii')}${text()}\n`);
    expectSame((await build(pcd)).stored, rows);
    const ply = `ply\nformat ascii 1.0\nelement vertex 40\n${['x', 'y', 'z', name].map((n) => `property float ${n}\n`).join('')}end_header\n`;
    expectSame((await build(await scratch.write('named.ply', ply + text()))).stored, rows);
  });

  it.each(['reflectivity', 'Amplitude', 'scalar_reflectance'])(
    'an intensity of 0 throughout gives way to %s',
    async (name) => {
      const lines = rows.map(({ x, y, z, intensity }, i) => `${x} ${y} ${z} 0 ${intensity} ${i % 7}`);
      const names = ['x', 'y', 'z', 'intensity', name, 'tag'];
      const pcd = await scratch.write('zero.pcd', `${head(names, 'ascii')}${lines.join('\n')}\n`);
      const built = await build(pcd);
      expectSame(built.stored, rows);
      expect(built.warnings).toMatchObject([
        expect.stringContaining(`zero.pcd: its intensity is 0 throughout: ${name} is taken instead`),
      ]);
    },
  );

  it('an intensity that is not 0 throughout stays, and so does one of 0 beside columns of 0', async () => {
    const lines = (own: (i: number) => number, other: number) =>
      rows.map(({ x, y, z }, i) => `${x} ${y} ${z} ${own(i)} ${other}`).join('\n');
    const names = head(['x', 'y', 'z', 'intensity', 'reflectivity'], 'ascii');
    const last = await build(
      await scratch.write('last.pcd', `${names}${lines((i) => (i === 39 ? 5 : 0), 9)}\n`),
    );
    expect(last.warnings).toEqual([]);
    expect(last.stored.map(({ intensity }) => intensity).filter((value) => value !== 0)).toEqual([5]);
    const none = await build(await scratch.write('none.pcd', `${names}${lines(() => 0, 0)}\n`));
    expect(none.warnings).toEqual([]);
    expect(none.stored.every(({ intensity }) => intensity === 0)).toBe(true);
  });

  it('more rows, more values in a row and more bytes than the header says', async () => {
    const more = await scratch.write('rows.pcd', `${head(xyzi, 'ascii', 30)}${text()}\n`);
    const rowsBuilt = await build(more);
    expectSame(rowsBuilt.stored, rows.slice(0, 30));
    expect(rowsBuilt.warnings).toMatchObject([expect.stringMatching(/promises 30 points, 10 more rows/)]);

    const wide = text().replaceAll('\n', ' 9\n');
    const wideBuilt = await build(await scratch.write('wide.pcd', `${head(xyzi, 'ascii')}${wide}\n`));
    expectSame(wideBuilt.stored, rows);
    expect(wideBuilt.warnings).toMatchObject([expect.stringMatching(/has 5 values, its header names 4/)]);

    const tail = Buffer.concat([Buffer.from(head(xyzi, 'binary')), kittiBytes(rows), Buffer.alloc(100)]);
    const tailBuilt = await build(await scratch.write('tail.pcd', tail));
    expectSame(tailBuilt.stored, rows);
    expect(tailBuilt.warnings).toMatchObject([
      expect.stringMatching(/the 100 bytes behind them are left out/),
    ]);
  });

  it('an extended PCD header behind DATA', async () => {
    const extension = 'HEADER_EXT_START 2   \nSENSOR_TYPE VELODYNE_LIDAR\nMODE None   \nHEADER_EXT_END   \n';
    const file = await scratch.write('extended.pcd', `${head(xyzi, 'ascii')}${extension}${text()}\n`);
    expectSame((await build(file)).stored, rows);
    const binary = Buffer.concat([Buffer.from(head(xyzi, 'binary') + extension), kittiBytes(rows)]);
    expectSame((await build(await scratch.write('extended-b.pcd', binary))).stored, rows);
  });

  it.each([
    ['\r', ''],
    ['\r\n', ''],
    ['\n', '\uFEFF'],
    ['\r', '\uFEFF'],
  ])('line ends %j behind %j', async (lineEnd, mark) => {
    const lines = (content: string) => Buffer.from(mark + content.replaceAll('\n', lineEnd));
    const pcd = await scratch.write('ends.pcd', lines(`${head(xyzi, 'ascii')}${text()}\n`));
    expectSame((await build(pcd)).stored, rows);
    const binaryPcd = Buffer.concat([lines(head(xyzi, 'binary')), kittiBytes(rows)]);
    expectSame((await build(await scratch.write('ends-b.pcd', binaryPcd))).stored, rows);
    const properties = xyzi.map((name) => `property float ${name}\n`).join('');
    const ply = (form: string) =>
      lines(`ply\nformat ${form} 1.0\nelement vertex 40\n${properties}end_header\n`);
    const ascii = Buffer.concat([ply('ascii'), Buffer.from(text().replaceAll('\n', lineEnd))]);
    expectSame((await build(await scratch.write('ends.ply', ascii))).stored, rows);
    const binary = Buffer.concat([ply('binary_little_endian'), kittiBytes(rows)]);
    expectSame((await build(await scratch.write('ends-b.ply', binary))).stored, rows);
  });

  it('values without a number as older Microsoft compilers write them', async () => {
    const bad = '1.#QNAN -1.#IND00 1.#INF 5\n0 0 -1.#INF000 5\n';
    const file = await scratch.write('msvc.pcd', `${head(xyzi, 'ascii', 42)}${bad}${text()}\n`);
    const built = await build(file);
    expect(built).toMatchObject({ points: 40, dropped: 2 });
    expectSame(built.stored, rows);
  });

  it('UTF-16 text is refused', async () => {
    const file = await scratch.write('wide-text.pcd', Buffer.from(`\uFEFF${head(xyzi, 'ascii')}`, 'utf16le'));
    await expectRefused(file, /is UTF-16 text/);
  });
});

const real = fileURLToPath(new URL('../../../shared/field-cases/', import.meta.url));
describe.runIf(existsSync(real))('the files that were made from the reports', () => {
  it.each<[string, number, number, number]>([
    ['laz-header-bounds/L1_zero_bbox.laz', 800, 0, 1],
    ['laz-header-bounds/L1b_stale_bbox.laz', 800, 0, 1],
    ['wild-point/G5_wild_1e8_last.bin', 1088, 1, 0],
    ['wild-point/G6_wild_first_1e7.bin', 1088, 1, 0],
    ['pcd-trailing-bytes/F10b_trailing.pcd', 50, 0, 1],
    ['surplus-rows/F10_more_rows.pcd', 40, 0, 1],
    ['reflectivity-lost/F08_livox_reflectivity.pcd', 50, 0, 0],
    ['unreachable-names/Grass%20Lake%20Small.bin', 800, 0, 0],
    ['ply-cr-only/P6b_cr_binary.ply', 200, 0, 0],
    ['pcd-ascii-extra-columns/F03_pcd_ext_header.pcd', 60, 0, 1],
    ['waveform-formats/L12_4.las', 800, 0, 0],
    ['waveform-formats/L12_5.las', 800, 0, 0],
    ['ply-ascii-list-first/P1b_list_before.ply', 50, 0, 0],
  ])('%s: %i points, %i left out, %i warnings', async (name, points, wild, warnings) => {
    const built = await build(real + name);
    expect(built).toMatchObject({ points, wild, dropped: 0 });
    expect(built.warnings).toHaveLength(warnings);
    expect(built.stored).toHaveLength(points);
  });

  it.each<[string, RegExp]>([
    ['bin-other-stride/B1_nuscenes.bin', /--format f32:5/],
    ['bin-other-stride/B3_lyft4.pcd.bin', /--format f32:4/],
    ['degrees-collapse/M1_degrees.laz', /degrees/],
    ['las-count-zero/L3b_count_zero.laz', /counts 0 points, though/],
    ['batch-one-bad-frame/000002.bin', /cut off/],
  ])('%s is refused with the reason', (name, message) => expectRefused(real + name, message));

  it('the reflectivity is there', async () => {
    const { stored } = await build(`${real}reflectivity-lost/F08_livox_reflectivity.pcd`);
    expect(stored.filter(({ intensity }) => intensity > 0).length).toBeGreaterThan(40);
  });
});
