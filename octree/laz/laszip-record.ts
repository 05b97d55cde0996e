/** The VLR that says how a LAZ file is compressed: "laszip encoded", record 22204. */
import type { LasHeader } from './las-header.ts';
import { isLayered, type PointFormat, type PointRecords, RECORD_BYTES } from './point-format.ts';

export interface LaszipRecord {
  /** Points in each chunk except the last; null if the chunk table says it for each chunk. */
  readonly chunkPoints: number | null;
  /** The version of the item with the colour, if there is one. The versions differ only there. */
  readonly itemVersion: number;
}

const VLR_HEADER_BYTES = 54;
const LASZIP_RECORD = 22204;
const LASZIP_USER = 'laszip encoded';
const LEAST_BYTES = 34;
const ITEM_BYTES = 6;
const VARIABLE_CHUNKS = 0xffff_ffff;
/** Compressors of LASzip: pointwise chunks, and layered chunks. */
const POINTWISE_CHUNKED = 2;
const LAYERED_CHUNKED = 3;

/** The items of a record by point format, with LASzip's numbers. */
const ITEMS: Readonly<Record<PointFormat, readonly number[]>> = {
  0: [6],
  1: [6, 7],
  2: [6, 8],
  3: [6, 7, 8],
  4: [6, 7, 9],
  5: [6, 7, 8, 9],
  6: [10],
  7: [10, 11],
  8: [10, 12],
  9: [10, 13],
  10: [10, 12, 13],
};
const EXTRA_BYTES_ITEM = { points: 0, layers: 14 } as const;
/** RGB12, RGB14, RGBNIR14. */
const COLOUR_ITEMS: ReadonlySet<number> = new Set([8, 11, 12]);
/**
 * Versions of the items that are read. Layered: 2 was a preview of 3; 4 differs in waveforms, and in colours
 * and extra bytes with several scanner channels.
 */
const VERSIONS = { points: [2], layers: [2, 3, 4] } as const;
/** Waveform packets of a record in a stream, of which there is only one version. */
const STREAM_WAVES = { item: 9, version: 1 } as const;

/**
 * Finds the record among the variable length records. `bytes` lie between the header (`recordsAt`) and the
 * points. Throws an Error if the record is missing, or if the compression is not supported.
 */
export function findLaszipRecord(
  bytes: Uint8Array,
  header: PointRecords & Pick<LasHeader, 'records'>,
): LaszipRecord {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  for (let i = 0; i < header.records && at + VLR_HEADER_BYTES <= bytes.length; i++) {
    const length = view.getUint16(at + 20, true);
    const from = at + VLR_HEADER_BYTES;
    if (
      view.getUint16(at + 18, true) === LASZIP_RECORD &&
      userId(bytes.subarray(at + 2, at + 18)) === LASZIP_USER
    ) {
      if (length < LEAST_BYTES || from + length > bytes.length) break;
      return parseRecord(new DataView(bytes.buffer, bytes.byteOffset + from, length), header);
    }
    at = from + length;
  }
  throw new Error('its points are compressed, but a whole laszip record is missing from its header');
}

function parseRecord(view: DataView, header: PointRecords): LaszipRecord {
  const compressor = view.getUint16(0, true);
  const { pointFormat } = header;
  if (compressor !== (isLayered(pointFormat) ? LAYERED_CHUNKED : POINTWISE_CHUNKED)) {
    throw new Error(
      `LASzip compressor ${compressor} with point format ${pointFormat} is not read: only 2 with 0-5 and 3 with 6-10 are`,
    );
  }
  const chunkPoints = view.getUint32(12, true);
  if (chunkPoints === 0) throw new Error('its laszip record says that a chunk has 0 points');
  const itemVersion = checkItems(view, header);
  return { chunkPoints: chunkPoints === VARIABLE_CHUNKS ? null : chunkPoints, itemVersion };
}

/**
 * Checks that type, size and version of each item are supported. Returns the version of the item with the
 * colour.
 */
function checkItems(view: DataView, { pointFormat, recordBytes }: PointRecords): number {
  const kind = isLayered(pointFormat) ? 'layers' : 'points';
  const expected = [...ITEMS[pointFormat]];
  if (recordBytes > RECORD_BYTES[pointFormat]) expected.push(EXTRA_BYTES_ITEM[kind]);
  const count = view.getUint16(32, true);
  const items = Array.from(
    { length: Math.min(count, expected.length) },
    (_, i) => LEAST_BYTES + ITEM_BYTES * i,
  )
    .filter((at) => at + ITEM_BYTES <= view.byteLength)
    .map(
      (at) => [view.getUint16(at, true), view.getUint16(at + 2, true), view.getUint16(at + 4, true)] as const,
    );
  const types = items.map(([type]) => type);
  if (count !== expected.length || types.join() !== expected.join()) {
    throw new Error(`LASzip items ${types.join(', ')} (${count}) do not make up point format ${pointFormat}`);
  }
  const bytes = items.reduce((sum, [, size]) => sum + size, 0);
  if (bytes !== recordBytes) throw new Error(`LASzip items of ${bytes} bytes, records of ${recordBytes}`);
  const wrong = items.find(([item, , version]) =>
    item === STREAM_WAVES.item
      ? version !== STREAM_WAVES.version
      : !VERSIONS[kind].some((known) => known === version),
  );
  if (wrong) throw new Error(`version ${wrong[2]} of LASzip item ${wrong[0]} is not read`);
  return (items.find(([item]) => COLOUR_ITEMS.has(item)) ?? items[0]!)[2];
}

function userId(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1').split('\0', 1)[0]!;
}
