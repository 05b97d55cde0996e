import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isNearboxError, mulberry32 } from '../../../cache/foundation/index.ts';
import { damaged } from '../../testing/index.ts';
import { COPC_SIGNIFICANT_BYTES, parseCopcHead } from './header.ts';

const file = new Uint8Array(readFileSync(new URL('./fixtures/format-7-pages.copc.laz', import.meta.url)));

/** The head with one number replaced. */
function changed(at: number, set: (view: DataView, at: number) => void): () => unknown {
  const copy = file.slice();
  set(new DataView(copy.buffer), at);
  return () => parseCopcHead(copy, copy.length, 'a/b.copc.laz');
}
const u8 = (at: number, value: number) => changed(at, (view) => view.setUint8(at, value));
const u16 = (at: number, value: number) => changed(at, (view) => view.setUint16(at, value, true));
const u32 = (at: number, value: number) => changed(at, (view) => view.setUint32(at, value, true));
const u64 = (at: number, value: bigint) => changed(at, (view) => view.setBigUint64(at, value, true));
const f64 = (at: number, value: number) => changed(at, (view) => view.setFloat64(at, value, true));

describe('the head of a COPC file', () => {
  test('is read', () => {
    const metadata = parseCopcHead(file, file.length, 'c');
    expect(metadata).toMatchObject({
      pointFormat: 7,
      recordBytes: 39,
      points: 166,
      scale: [0.01, 0.01, 0.01],
      spacing: 1,
    });
    expect(metadata.cube).toEqual({ min: [512000, 5403000, 100], max: [512016, 5403016, 116] });
  });

  test('the cube is that of the info record: the header has the extent of the data', () => {
    const { conforming, cube } = parseCopcHead(file, file.length, 'c');
    expect(conforming).not.toEqual(cube);
    expect(conforming.min.every((low, axis) => low >= cube.min[axis]! && low <= conforming.max[axis]!)).toBe(
      true,
    );
  });

  test('589 bytes decide', () => {
    expect(parseCopcHead(file.slice(0, COPC_SIGNIFICANT_BYTES), file.length, 'c').points).toBe(166);
    expect(() => parseCopcHead(file.slice(0, COPC_SIGNIFICANT_BYTES - 1), file.length, 'c')).toThrow(
      /588 bytes/,
    );
  });

  test.each([
    ['no LASF', u8(0, 0x4d)],
    ['no COPC info', u8(377, 0x43)],
    ['another record of copc', u16(393, 1000)],
    ['a short info record', u16(395, 159)],
    ['LAS 1.3', u8(25, 3)],
    ['a longer header: the info is not where it must be', u16(94, 376)],
    ['point format 3', u8(104, 0x83)],
    ['point format 9', u8(104, 0x89)],
    ['records that are too short', u16(105, 35)],
    ['points behind the end', u32(96, file.length + 1)],
    ['points in the header', u32(96, 375)],
    ['2^63 points', u64(247, 2n ** 63n)],
    ['scale 0', f64(131, 0)],
    ['scale NaN', f64(139, Number.NaN)],
    ['a negative scale', f64(147, -0.01)],
    ['an infinite offset', f64(155, Number.POSITIVE_INFINITY)],
    ['half size 0', f64(429 + 24, 0)],
    ['half size NaN', f64(429 + 24, Number.NaN)],
    ['a half size below rounding', f64(429 + 24, 1e-12)],
    ['an infinite centre', f64(429, Number.NEGATIVE_INFINITY)],
    ['a half size of 1e13 m', f64(429 + 24, 1e13)],
    ['a centre at 1e300 m', f64(429, 1e300)],
    ['spacing 0', f64(429 + 32, 0)],
    ['a root page behind the end', u64(429 + 40, BigInt(file.length))],
    ['a root page in the header', u64(429 + 40, 8n)],
    ['an empty root page', u64(429 + 48, 0n)],
    ['an endless root page', u64(429 + 48, 2n ** 64n - 1n)],
  ])('%s: refused', (_what, parse) => {
    expect(parse).toThrow(
      expect.objectContaining({ code: 'corrupt_tile', message: expect.stringContaining('a/b.copc.laz') }),
    );
  });

  test('bounds of the header that make no sense do no harm', () => {
    expect(f64(179, Number.NaN)()).toMatchObject({ conforming: { min: [512000, 5403000, 100] } });
  });

  test('damaged heads are refused or read, never worse', () => {
    for (const copy of damaged(file.slice(0, 600), 1000, mulberry32(5))) {
      try {
        parseCopcHead(copy, file.length, 'c');
      } catch (error) {
        if (!isNearboxError(error, 'corrupt_tile')) throw error;
      }
    }
  });
});
