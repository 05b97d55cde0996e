/**
 * Bit for bit what laz-perf decodes: files of other writers, and random streams, which reach every branch of
 * the format.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { mulberry32 } from '../../cache/foundation/index.ts';
import { parseCopcHead, parseCopcPage } from '../formats/index.ts';
import { Key } from '../geometry/index.ts';
import { OWN_PAGE } from '../hierarchy/index.ts';
import { lazNodes, referenceRecords } from '../testing/index.ts';
import {
  type Chunk,
  ChunkDecoder,
  type DecodedBatch,
  decodeChunks,
  findLaszipRecord,
  KEPT_EXTRA_BYTES,
  LAS_HEAD_BYTES,
  type PointFormat,
  type PointRecords,
  parseLasHeader,
  RECORD_BYTES,
  readChunkTable,
} from './index.ts';

interface LazFile {
  readonly records: PointRecords;
  readonly chunks: readonly Chunk[];
}

async function openLaz(bytes: Uint8Array): Promise<LazFile> {
  const header = parseLasHeader(bytes.subarray(0, LAS_HEAD_BYTES), bytes.length);
  const laszip = findLaszipRecord(bytes.subarray(header.recordsAt, header.pointsAt), header);
  const read = (at: number, length: number) => bytes.subarray(at, at + length);
  const places = await readChunkTable(read, bytes.length, header, laszip);
  return { records: header, chunks: places.map((p) => ({ bytes: read(p.at, p.bytes), points: p.points })) };
}

function openCopc(bytes: Uint8Array): LazFile {
  const metadata = parseCopcHead(bytes, bytes.length, 'copc');
  const chunks: Chunk[] = [];
  const pages = [{ key: Key.root, range: metadata.rootPage }];
  for (const { key, range } of pages) {
    const page = parseCopcPage(bytes.slice(range.offset, range.offset + range.length), key, metadata, 'copc');
    for (const [id, place] of page.ranges) {
      const points = page.nodes.get(id)!;
      if (points === OWN_PAGE) pages.push({ key: Key.parse(id)!, range: place });
      else chunks.push({ bytes: bytes.slice(place.offset, place.offset + place.length), points });
    }
  }
  return { records: metadata, chunks };
}

/** The dimensions of point `i` that can be asked for, from the record that the reference decoded. */
function dimensionsOf(records: DataView, i: number, { pointFormat, recordBytes }: PointRecords): number[] {
  const at = i * recordBytes;
  const byte = records.getUint8(at + 14);
  const isOld = pointFormat < 6;
  const colourAt = { 2: 20, 3: 28, 7: 30, 8: 30 }[pointFormat as number] ?? null;
  return [
    records.getInt32(at, true),
    records.getInt32(at + 4, true),
    records.getInt32(at + 8, true),
    records.getUint16(at + 12, true),
    isOld ? records.getUint8(at + 15) & 31 : records.getUint8(at + 16),
    isOld ? (byte & 7) | (((byte >> 3) & 7) << 4) : byte,
    ...(colourAt === null ? [] : [0, 2, 4].map((part) => records.getUint16(at + colourAt + part, true))),
  ];
}

/** The dimensions that only those ask for who copy a file. */
function othersOf(records: DataView, i: number, { pointFormat, recordBytes }: PointRecords): string {
  const at = i * recordBytes;
  const [returns, flags] = [records.getUint8(at + 14), records.getUint8(at + 15)];
  const timeAt = pointFormat >= 6 ? 22 : [1, 3].includes(pointFormat) ? 20 : null;
  const others =
    pointFormat < 6
      ? [
          (flags >> 5) | ((returns >> 6) << 4),
          records.getInt8(at + 16),
          records.getUint8(at + 17),
          records.getUint16(at + 18, true),
        ]
      : [
          (flags & 15) | ((flags >> 6) << 4) | (((flags >> 4) & 3) << 6),
          records.getInt16(at + 18, true),
          records.getUint8(at + 17),
          records.getUint16(at + 20, true),
        ];
  const time = timeAt === null ? 0n : records.getBigUint64(at + timeAt, true);
  const infrared = pointFormat === 8 ? [records.getUint16(at + 36, true)] : [];
  const bytes = RECORD_BYTES[pointFormat];
  const extra = Array.from({ length: recordBytes - bytes }, (_, k) => records.getUint8(at + bytes + k));
  return [...others, time, ...infrared, ...extra].join();
}

/** The same from a batch; times as bits, because of those that are not numbers. */
function othersIn(batch: DecodedBatch, i: number, { pointFormat, recordBytes }: PointRecords): string {
  const { flags, angle, user, source, time, infrared, extra } = batch;
  const bits = new BigUint64Array(time.buffer, time.byteOffset, time.length);
  const bytes = Math.min(recordBytes - RECORD_BYTES[pointFormat], KEPT_EXTRA_BYTES);
  return [
    ...[flags[i], angle[i], user[i], source[i], bits[i]],
    ...(pointFormat === 8 ? [infrared[i]] : []),
    ...extra.subarray(i * bytes, (i + 1) * bytes),
  ].join();
}

function expectSameOthers(chunk: Chunk, records: PointRecords, reference: DataView): void {
  const decoder = new ChunkDecoder();
  const wanted = { intensity: true, classification: true, colour: true, others: true };
  decoder.begin(chunk.bytes, chunk.points, records, wanted);
  for (let done = 0; done < chunk.points; ) {
    const count = Math.min(decoder.batchPoints, chunk.points - done);
    const batch = decoder.next(count);
    for (let i = 0; i < count; i++) {
      const [found, expected] = [othersIn(batch, i, records), othersOf(reference, done + i, records)];
      if (found !== expected)
        expect({ point: done + i, found }).toEqual({ point: done + i, found: expected });
    }
    done += count;
  }
  decoder.finish();
}

async function expectSame({ records, chunks }: LazFile): Promise<number> {
  let points = 0;
  for (const chunk of chunks) {
    const wanted = { intensity: true, classification: true, returns: true, colour: true };
    const { x, y, z, intensity, classification, returns, colour } = decodeChunks([chunk], records, wanted);
    const reference = await referenceRecords(chunk.bytes, chunk.points, records);
    for (let i = 0; i < chunk.points; i++) {
      const found = [x[i]!, y[i]!, z[i]!, intensity![i]!, classification![i]!, returns![i]!];
      if (colour !== null) found.push(...colour.subarray(3 * i, 3 * i + 3));
      const expected = dimensionsOf(reference, i, records);
      // Comparing texts first: an assertion for each of a million points would take minutes.
      if (found.join() !== expected.join())
        expect({ point: i, found }).toEqual({ point: i, found: expected });
    }
    expectSameOthers(chunk, records, reference);
    points += chunk.points;
  }
  return points;
}

describe('files', () => {
  const octree = fileURLToPath(new URL('../', import.meta.url));
  const bytesOf = (path: string) => new Uint8Array(readFileSync(path));

  test.each(
    lazNodes().map(({ key, pointFormat, laz, points }) => [pointFormat, key, laz, points.length] as const),
  )('lazrs, point format %i, %s', async (_, __, laz, count) => {
    expect(await expectSame(await openLaz(laz))).toBe(count);
  });

  test.each([0, 1, 2, 3, 6, 7, 8])('lazrs, 300 points of format %i', async (format) => {
    expect(await expectSame(await openLaz(bytesOf(`${octree}build/fixtures/format-${format}.laz`)))).toBe(
      300,
    );
  });

  test.each(['format-6', 'format-7-pages', 'format-8', 'channels', 'channels-7'])(
    'COPC, %s',
    async (name) => {
      expect(
        await expectSame(openCopc(bytesOf(`${octree}formats/copc/fixtures/${name}.copc.laz`))),
      ).toBeGreaterThan(100);
    },
  );

  const shared = fileURLToPath(new URL('../../../shared/interop/', import.meta.url));
  test.runIf(existsSync(shared)).each([
    ['ellipsoid.copc.laz', 100_000],
    ['lone-star.copc.laz', 518_862],
  ])('%s', async (name, count) => {
    expect(await expectSame(openCopc(bytesOf(shared + name)))).toBe(count);
  });

  test.runIf(existsSync(shared))('the nodes of ept-ellipsoid-laszip', async () => {
    const folder = `${shared}ept-ellipsoid-laszip/ept-data/`;
    let points = 0;
    for (const name of readdirSync(folder)) points += await expectSame(await openLaz(bytesOf(folder + name)));
    expect(points).toBe(100_000);
  });
});

describe('random streams', () => {
  const POINTS = 60;
  /** More than a point takes on average. */
  const BYTES_A_POINT = 120;
  const LAYERS = { 6: 9, 7: 10, 8: 11 } as const;
  /** Scan angle, point source, GPS time. */
  const TOLD_LAYERS = [5, 7, 8];

  /** A raw record and random bytes: for an arithmetic decoder every stream means something. */
  function randomChunk(random: () => number, { pointFormat, recordBytes }: PointRecords): Uint8Array {
    const byte = () => Math.floor(random() * 256);
    const record = Array.from({ length: recordBytes }, byte);
    const some = (count: number) => Array.from({ length: count }, byte);
    if (pointFormat < 6) return Uint8Array.from([...record, ...some(POINTS * BYTES_A_POINT)]);
    const layers = LAYERS[pointFormat as 6 | 7 | 8] + recordBytes - RECORD_BYTES[pointFormat];
    // Now and then a layer is empty: its values do not change. The first never is, nor are those of which it
    // tells whether they change: of these, laz-perf decodes something even so, LASzip does not.
    const sizes = Array.from({ length: layers }, (_, i) =>
      i > 0 && !TOLD_LAYERS.includes(i) && random() < 0.1 ? 0 : POINTS * BYTES_A_POINT,
    );
    const counts = new Uint8Array(new Uint32Array([POINTS, ...sizes]).buffer);
    return Uint8Array.from([...record, ...counts, ...sizes.flatMap(some)]);
  }

  /** The next point's dimensions, or why there is none. */
  function nextPoint(
    decoder: ChunkDecoder,
    pointFormat: PointFormat,
  ): { readonly batch: DecodedBatch; readonly found: number[] } | string {
    try {
      const batch = decoder.next(1);
      const { x, y, z, intensity, classification, returns, colour } = batch;
      const found = [x[0]!, y[0]!, z[0]!, intensity[0]!, classification[0]!, returns[0]!];
      if (RECORD_BYTES[pointFormat] > 30 || pointFormat === 2) found.push(...colour.subarray(0, 3));
      return { batch, found };
    } catch (error) {
      return (error as Error).message;
    }
  }

  test.each([0, 1, 2, 3, 6, 7, 8] as const)(
    'point format %i, with extra bytes and without',
    async (pointFormat) => {
      const random = mulberry32(100 + pointFormat);
      const decoder = new ChunkDecoder();
      const outcomes = { same: 0, refused: 0 };
      for (let round = 0; round < 120; round++) {
        const records = {
          pointFormat,
          recordBytes: RECORD_BYTES[pointFormat] + (round % 3),
        };
        const chunk = randomChunk(random, records);
        const reference = await referenceRecords(chunk, POINTS, records);
        const others = round % 2 === 1;
        const wanted = { intensity: true, classification: true, colour: true, others };
        decoder.begin(chunk, POINTS, records, wanted);
        for (let i = 0; i < POINTS; i++) {
          const next = nextPoint(decoder, pointFormat);
          if (typeof next === 'string') {
            // No encoder writes these: laz-perf goes on with something, this decoder does not.
            expect(next).toMatch(/^the compressed points are damaged/);
            outcomes.refused++;
            break;
          }
          const { batch, found } = next;
          if (others)
            expect({ round, i, found: othersIn(batch, 0, records) }).toEqual({
              ...{ round, i },
              found: othersOf(reference, i, records),
            });
          const expected = dimensionsOf(reference, i, records).slice(0, found.length);
          expect({ round, i, found }).toEqual({ round, i, found: expected });
          outcomes.same++;
        }
      }
      expect(outcomes.same).toBeGreaterThan(5000);
    },
  );
});
