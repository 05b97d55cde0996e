/**
 * A complete LAZ (or LAS) file as a node: EPT `laszip`, Potree 1 LAS and LAZ. The header of the file applies,
 * not the schema of the cloud.
 */

import {
  decodeChunks,
  findLaszipRecord,
  LAS_HEAD_BYTES,
  type LasHeader,
  parseLasHeader,
  readChunkTable,
} from '../laz/index.ts';
import type { DecodedNode, Dimension, DimensionFields, RecordField, RecordLayout } from '../points/index.ts';
import { tightBounds } from '../points/index.ts';
import { lazDimensions, wantedColumns } from './laz-dimensions.ts';
import { decodeRecords } from './records/index.ts';

/** In every point format, x, y and z are the first three 32-bit integers and intensity follows them. */
const INTENSITY_AT = 12;

/** Decodes a file of exactly `count` points. Throws an Error that says what is wrong. */
export async function decodeLaz(
  bytes: Uint8Array,
  count: number,
  wanted: readonly Dimension[] = [],
): Promise<DecodedNode> {
  const header = readLasHeader(bytes);
  if (header.count !== count) throw new Error(`the file has ${header.count} points instead of ${count}`);
  if (!header.isCompressed) return decodeRecords(records(bytes, header), count, layoutOf(header), wanted);
  const laszip = findLaszipRecord(bytes.subarray(header.recordsAt, header.pointsAt), header);
  const read = (at: number, length: number) => bytes.subarray(at, at + length);
  const places = await readChunkTable(read, bytes.byteLength, header, laszip);
  const chunks = places.map(({ at, bytes: length, points }) => ({ bytes: read(at, length), points }));
  const { itemVersion } = laszip;
  const columns = decodeChunks(chunks, { ...header, itemVersion }, wantedColumns(wanted));
  const { x, y, z, intensity } = columns;
  const { scale, offset } = header;
  const bounds = tightBounds(x, y, z, scale, offset);
  const node = { count, x, y, z, scale, offset, bounds, intensity: { raw: intensity!, scale: 1, offset: 0 } };
  return wanted.length === 0 ? node : { ...node, dimensions: lazDimensions(columns) };
}

/** Parses the header of a file that is a node. Throws an Error that says what is wrong. */
export function readLasHeader(bytes: Uint8Array): LasHeader {
  const header = parseLasHeader(bytes.subarray(0, LAS_HEAD_BYTES), bytes.byteLength);
  if (!header.scale.every((step) => step > 0))
    throw new Error(`a scale of ${header.scale.join(', ')} is not usable`);
  return header;
}

function records(bytes: Uint8Array, { pointsAt, count, recordBytes }: LasHeader): Uint8Array {
  const end = pointsAt + count * recordBytes;
  if (end > bytes.byteLength) throw new Error(`${bytes.byteLength} bytes are too few for ${count} points`);
  return bytes.subarray(pointsAt, end);
}

function layoutOf({ recordBytes, pointFormat, scale, offset }: LasHeader): RecordLayout {
  const axis = (i: 0 | 1 | 2): RecordField => ({
    at: 4 * i,
    type: 'signed',
    size: 4,
    scale: scale[i],
    offset: offset[i],
  });
  const intensity: RecordField = { at: INTENSITY_AT, type: 'unsigned', size: 2, scale: 1, offset: 0 };
  const dimensions = lasFields(pointFormat);
  return { stride: recordBytes, x: axis(0), y: axis(1), z: axis(2), intensity, dimensions };
}

/** Offset of the red value in a record, by point format, bytes. */
const RED_AT: Readonly<Record<number, number>> = { 2: 20, 3: 28, 5: 28, 7: 30, 8: 30, 10: 30 };

/** Source: LAS 1.4 R15, tables 7 (point format 0) and 14 (point format 6). */
function lasFields(pointFormat: number): DimensionFields {
  const byte = (at: number, mask: number): RecordField => ({ ...UNSIGNED, at, size: 1, mask });
  const isNew = pointFormat >= 6;
  const redAt = RED_AT[pointFormat];
  const colour = (at: number) => [0, 2, 4].map((step) => ({ ...UNSIGNED, at: at + step, size: 2 }));
  return {
    classification: [isNew ? byte(16, 0xff) : byte(15, 0x1f)],
    returnNumber: [isNew ? byte(14, 0x0f) : byte(14, 0x07)],
    ...(redAt !== undefined && { colour: colour(redAt) }),
  };
}

const UNSIGNED = { type: 'unsigned', scale: 1, offset: 0 } as const;
