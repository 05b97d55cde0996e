import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../../../cache/foundation/index.ts';
import { type LasFile, lasBytes, readAll, useScratch } from '../../testing/index.ts';
import { openInput } from '../open.ts';

const scratch = useScratch();
const ORIGIN = [500_000, 5_400_000, 250] as const;
const UTM: LasFile = { version: 2, pointFormat: 1, scale: 0.01, offset: ORIGIN };

const STEPS = Array.from({ length: 300 }, (_, i) => ({
  x: (i * 7919) % 10007,
  y: (i * 104729) % 20011,
  z: (i * 31) % 997,
  intensity: (i * 211) % 65536,
}));
/** The points of STEPS, and of fixtures/make.py. */
const POINTS = STEPS.map(({ x, y, z, intensity }) => ({
  x: x * 0.01 + ORIGIN[0],
  y: y * 0.01 + ORIGIN[1],
  z: z * 0.01 + ORIGIN[2],
  intensity,
}));

const fixture = (pointFormat: number) =>
  fileURLToPath(new URL(`../../fixtures/format-${pointFormat}.laz`, import.meta.url));

/** LAS bytes with some of the header changed. */
function changed(change: (view: DataView) => void, file: LasFile = UTM): Uint8Array {
  const bytes = lasBytes(STEPS, file);
  change(new DataView(bytes.buffer));
  return bytes;
}

describe('LAS', () => {
  it.each([
    [0, 0],
    [1, 1],
    [2, 2],
    [2, 3],
    [3, 1],
    [4, 0],
    [4, 6],
    [4, 7],
    [4, 8],
    [3, 4],
    [3, 5],
    [4, 9],
    [4, 10],
  ] as const)('1.%i, point format %i', async (version, pointFormat) => {
    const file = await scratch.write(
      'a.las',
      lasBytes(STEPS, { ...UTM, version, pointFormat, extraBytes: 3 }),
    );
    const input = await openInput(file);
    expect(input).toMatchObject({ count: 300, intensity: 'uint16' });
    expect(await readAll(input)).toEqual(POINTS);
  });

  it('takes the old count of a 1.4 file whose new one is 0', async () => {
    const bytes = changed(
      (view) => {
        view.setBigUint64(247, 0n, true);
        view.setUint32(107, 300, true);
      },
      { ...UTM, version: 4, pointFormat: 6 },
    );
    expect((await openInput(await scratch.write('a.las', bytes))).count).toBe(300);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['another file', Buffer.alloc(400), /does not begin with LASF/],
    ['a short file', Buffer.from('LASF'), /only 4 bytes/],
    ['LAS 1.5', changed((view) => view.setUint8(25, 5)), /LAS 1\.5/],
    ['LAS 2.0', changed((view) => view.setUint8(24, 2)), /LAS 2\.2/],
    ['point format 11', changed((view) => view.setUint8(104, 11)), /point format 11/],
    ['short records', changed((view) => view.setUint16(105, 27, true)), /27 bytes are too short/],
    ['a short header', changed((view) => view.setUint16(94, 200, true)), /header says it has 200 bytes/],
    ['points within the header', changed((view) => view.setUint32(96, 100, true)), /begin at byte 100/],
    ['points behind the end', changed((view) => view.setUint32(96, 1e9, true)), /begin at byte 1000000000/],
    [
      'too many points',
      changed((view) => view.setUint32(107, 4e9, true)),
      /cut off: .* 4000000000 points, it holds 300/,
    ],
    ['a scale of 0', changed((view) => view.setFloat64(139, 0, true)), /scale/],
    ['an infinite offset', changed((view) => view.setFloat64(155, Infinity, true)), /offset/],
    ['a cut', lasBytes(STEPS, UTM).subarray(0, 5000), /cut off/],
    ['no laszip record', changed((view) => view.setUint8(104, 0x81)), /laszip record is missing/],
  ])('refuses %s', async (_, bytes, message) => {
    const file = await scratch.write('bad.las', bytes);
    await expect(openInput(file)).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(message),
    });
    await expect(openInput(file)).rejects.toThrow(file);
  });
});

describe('LAZ', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('point format %i', async (pointFormat) => {
    const input = await openInput(fixture(pointFormat));
    expect(input).toMatchObject({ count: 300, intensity: 'uint16' });
    expect(await readAll(input)).toEqual(POINTS);
  });

  it('leaves the process alone: no handlers of the decoder stay', async () => {
    const count = () =>
      process.listenerCount('uncaughtException') + process.listenerCount('unhandledRejection');
    const before = count();
    await Promise.all([readAll(await openInput(fixture(3))), readAll(await openInput(fixture(6)))]);
    expect(count()).toBe(before);
  });

  it('is told from LAS by its header, not by its name', async () => {
    const file = await scratch.write('named.las', await readFile(fixture(7)));
    expect(await readAll(await openInput(file))).toEqual(POINTS);
  });

  it('finds a chunk table whose place stands at the end of the file', async () => {
    const bytes = await readFile(fixture(6));
    const pointsAt = bytes.readUInt32LE(96);
    const place = bytes.subarray(pointsAt, pointsAt + 8);
    const moved = Buffer.concat([bytes, place]);
    moved.writeBigInt64LE(-1n, pointsAt);
    expect(await readAll(await openInput(await scratch.write('streamed.laz', moved)))).toEqual(POINTS);
  });

  it.each([0, 3, 6, 8])(
    'format %i whose header counts fewer points than there are is refused with the way out',
    async (pointFormat) => {
      const bytes = Buffer.from(await readFile(fixture(pointFormat)));
      bytes.writeUInt32LE(200, 107);
      if (pointFormat >= 6) bytes.writeBigUInt64LE(200n, 247);
      const reading = scratch.write('fewer.laz', bytes).then(openInput).then(readAll);
      await expect(reading).rejects.toMatchObject({
        code: 'invalid_request',
        message: expect.stringMatching(/fewer\.laz: chunk 0 .*its header counts other points than there are/),
      });
    },
  );

  it.each([0, 3, 6, 8])('format %i cut off anywhere is an error that names the file', async (pointFormat) => {
    const bytes = await readFile(fixture(pointFormat));
    for (let length = 0; length < bytes.length; length += 61) {
      const file = await scratch.write('cut.laz', bytes.subarray(0, length));
      const reading = openInput(file).then(readAll);
      await expect(reading).rejects.toMatchObject({
        code: 'invalid_request',
        message: expect.stringContaining('cut.laz'),
      });
    }
  });

  it.each([1, 2, 6, 7])(
    'format %i with a flipped bit: an error, or as many points within the bounds',
    async (pointFormat) => {
      const bytes = await readFile(fixture(pointFormat));
      const next = mulberry32(pointFormat);
      for (let round = 0; round < 25; round++) {
        const damaged = Buffer.from(bytes);
        damaged[Math.floor(next() * damaged.length)]! ^= 1 << Math.floor(next() * 8);
        const file = await scratch.write('flip.laz', damaged);
        const result = await openInput(file)
          .then(readAll)
          .catch((error: unknown) => error);
        if (result instanceof Error) expect(result).toMatchObject({ code: 'invalid_request' });
        else expect((result as unknown[]).length).toBeLessThanOrEqual(300);
      }
    },
  );

  const shared = fileURLToPath(new URL('../../../../../shared/interop/', import.meta.url));
  it.runIf(existsSync(shared)).each([
    ['lone-star.copc.laz', 518_862],
    ['ellipsoid.copc.laz', 100_000],
  ])('reads %s, whose chunks differ in size', async (name, count) => {
    expect(await readAll(await openInput(shared + name))).toHaveLength(count);
  });
});
