/**
 * Whole records through the encoder and back through laz-perf, an independent decoder, byte by byte; and
 * through our own.
 */

import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../cache/foundation/index.ts';
import { referenceRecords } from '../testing/index.ts';
import { type EncodedFormat, encodeChunk, encodeChunkTable } from './chunk-encoder.ts';
import { readChunkTable } from './chunk-table.ts';
import { decodeChunks } from './decode-chunk.ts';
import type { LasHeader } from './las-header.ts';
import { RECORD_BYTES } from './point-format.ts';

type Fill = (view: DataView, at: number, index: number, next: () => number) => void;

function recordsOf(count: number, recordBytes: number, fill: Fill, seed = 1): Uint8Array {
  const bytes = new Uint8Array(count * recordBytes);
  const view = new DataView(bytes.buffer);
  const next = mulberry32(seed);
  for (let i = 0; i < count; i++) fill(view, i * recordBytes, i, next);
  return bytes;
}

/** A frame: positions only, everything else 0. */
const bare: Fill = (view, at, index, next) => {
  view.setInt32(at, Math.round(2e4 * Math.cos(index / 50) + 20 * next()), true);
  view.setInt32(at + 4, Math.round(2e4 * Math.sin(index / 50) + 20 * next()), true);
  view.setInt32(at + 8, Math.round(-1700 + 30 * next()), true);
  view.setUint8(at + 14, 0x11);
};

/** An airborne scan: several returns, angles, strips, classes, time in steps, colours near each other. */
const airborne: Fill = (view, at, index, next) => {
  const returns = 1 + Math.floor(5 * next() ** 3);
  bare(view, at, index, next);
  view.setUint16(at + 12, Math.floor(3000 * next()), true);
  view.setUint8(at + 14, (1 + (index % returns)) | (returns << 4));
  view.setUint8(at + 15, (next() < 0.1 ? 3 : 0) | (index % 90 < 45 ? 64 : 0) | (index % 90 === 0 ? 128 : 0));
  view.setUint8(at + 16, next() < 0.9 ? 2 : Math.floor(20 * next()));
  view.setUint8(at + 17, index >> 6);
  view.setInt16(at + 18, Math.round(3000 * Math.sin(index / 100)), true);
  view.setUint16(at + 20, 7 + (index > 500 ? 1 : 0), true);
  view.setFloat64(at + 22, 3.1e8 + Math.floor(index / 2) * 2e-6 + (next() < 0.02 ? 10 * next() : 0), true);
  for (let k = 30; k < 36 && at + k + 1 < view.byteLength; k += 2)
    view.setUint16(at + k, 256 * Math.floor(128 + 20 * Math.sin(index / 9) + k), true);
};

/** Any bytes, of scanner channel 0. */
const anything: Fill = (view, at, _, next) => {
  for (let k = 0; k < 30; k++) view.setUint8(at + k, Math.floor(256 * next()));
  view.setUint8(at + 15, view.getUint8(at + 15) & ~0x30);
};

/** Extremes next to each other. */
const extremes: Fill = (view, at, index, next) => {
  const pick = (values: number[]) => values[Math.floor(values.length * next())]!;
  for (const k of [0, 4, 8]) view.setInt32(at + k, pick([0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 65536]), true);
  view.setUint16(at + 12, pick([0, 1, 32767, 32768, 65535]), true);
  view.setUint8(at + 14, pick([0x00, 0x11, 0xff, 0x1f, 0xf1, 0x77]));
  view.setInt16(at + 18, pick([0, 32767, -32768, 1]), true);
  view.setUint16(at + 20, pick([0, 65535, 32768]), true);
  view.setBigInt64(
    at + 22,
    [0n, -1n, 2n ** 62n, 2n ** 31n, BigInt(index) * 1000n, BigInt(index)][Math.floor(6 * next())]!,
    true,
  );
};

const filled =
  (fill: Fill, from: number, recordBytes: number): Fill =>
  (view, at, index, next) => {
    fill(view, at, index, next);
    for (let k = from; k < recordBytes; k++)
      view.setUint8(at + k, fill === anything ? Math.floor(256 * next()) : (index >> (k % 5)) & 255);
  };

describe.each<[string, Fill]>([
  ['bare', bare],
  ['airborne', airborne],
  ['anything', anything],
  ['extremes', extremes],
])('records: %s', (_, fill) => {
  it.each<[EncodedFormat, number, number]>([
    [6, 0, 3000],
    [7, 0, 3000],
    [6, 5, 1200],
    [7, 3, 1200],
    [6, 0, 1],
    [6, 2, 2],
    [7, 0, 70_000],
  ])('format %i, %i extra bytes, %i points', async (format, extra, count) => {
    const recordBytes = RECORD_BYTES[format] + extra;
    const records = recordsOf(count, recordBytes, filled(fill, RECORD_BYTES[6], recordBytes), count);
    const chunk = encodeChunk(records, recordBytes, format);
    const decoded = await referenceRecords(chunk, count, { pointFormat: format, recordBytes });
    const read = new Uint8Array(decoded.buffer);
    // Compared as a whole first: a difference in megabytes of bytes takes minutes to print.
    const same = Buffer.compare(read, records) === 0;
    const at = same ? -1 : records.findIndex((byte, i) => byte !== read[i]);
    expect({ same, record: Math.floor(at / recordBytes), byte: at % recordBytes }).toMatchObject({
      same: true,
    });

    const wanted = { intensity: true, classification: true, returns: true, colour: true };
    const columns = decodeChunks(
      [{ bytes: chunk, points: count }],
      { pointFormat: format, recordBytes },
      wanted,
    );
    const view = new DataView(records.buffer);
    const wrong = Array.from({ length: count }, (_, i) => i).filter((i) => {
      const from = i * recordBytes;
      return (
        columns.x[i] !== view.getInt32(from, true) ||
        columns.z[i] !== view.getInt32(from + 8, true) ||
        columns.intensity![i] !== view.getUint16(from + 12, true) ||
        columns.returns![i] !== view.getUint8(from + 14) ||
        (format === 7 && columns.colour![3 * i + 2] !== view.getUint16(from + 34, true))
      );
    });
    expect(wrong).toEqual([]);
  });
});

describe('a chunk', () => {
  it('of a frame takes a fraction of its records', () => {
    const records = recordsOf(20_000, 30, bare);
    expect(encodeChunk(records, 30, 6).byteLength).toBeLessThan(records.byteLength / 4);
  });

  it('is the same bytes every time', () => {
    const records = recordsOf(5000, 36, airborne);
    const first = encodeChunk(records, 36, 7);
    encodeChunk(recordsOf(300, 33, anything), 33, 6);
    expect(Buffer.compare(encodeChunk(records, 36, 7), first)).toBe(0);
  });

  it('needs whole records', () => {
    expect(() => encodeChunk(new Uint8Array(61), 30, 6)).toThrow(RangeError);
    expect(() => encodeChunk(new Uint8Array(0), 30, 6)).toThrow(RangeError);
    expect(() => encodeChunk(new Uint8Array(60), 20, 6)).toThrow(RangeError);
  });
});

describe('a chunk table', () => {
  it('is read back', async () => {
    const next = mulberry32(4);
    const chunks = Array.from({ length: 3000 }, () => ({
      points: 1 + Math.floor(60_000 * next() ** 4),
      bytes: 100 + Math.floor(200_000 * next() ** 2),
    }));
    const table = encodeChunkTable(chunks);
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
    const count = chunks.reduce((sum, chunk) => sum + chunk.points, 0);
    const file = Buffer.alloc(8 + bytes + table.byteLength);
    file.writeBigInt64LE(BigInt(8 + bytes), 0);
    file.set(table, 8 + bytes);
    const header = { pointsAt: 0, recordBytes: 30, count } as LasHeader;
    const read = await readChunkTable((at, length) => file.subarray(at, at + length), file.length, header, {
      chunkPoints: null,
      itemVersion: 3,
    });
    expect(read.map(({ points, bytes }) => ({ points, bytes }))).toEqual(chunks);
  });
});
