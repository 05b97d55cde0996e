/** A whole LAZ (or LAS) file as a node: EPT `laszip`, Potree 1 LAS and LAZ. Its own header counts, not the cloud's schema. */
import type { RecordField, RecordLayout } from './decode-job.ts';
import { decodeRecords } from './decode-records.ts';
import type { DecodedNode } from './decoded-node.ts';
import {
  decodeChunks,
  findLaszipRecord,
  LAS_HEAD_BYTES,
  type LasHeader,
  parseLasHeader,
  readChunkTable,
} from './laz/index.ts';
import { tightBounds } from './tight-bounds.ts';

/** In every point format, x, y and z are the first three 32-bit integers and intensity follows them. */
const INTENSITY_AT = 12;

/** Decodes a file that must have `count` points. Throws an Error that says what does not fit. */
export async function decodeLaz(bytes: Uint8Array, count: number): Promise<DecodedNode> {
  const header = readLasHeader(bytes);
  if (header.count !== count) throw new Error(`the file has ${header.count} points instead of ${count}`);
  if (!header.isCompressed) return decodeRecords(records(bytes, header), count, layoutOf(header));
  const laszip = findLaszipRecord(bytes.subarray(header.recordsAt, header.pointsAt), header);
  const read = (at: number, length: number) => bytes.subarray(at, at + length);
  const places = await readChunkTable(read, bytes.byteLength, header, laszip);
  const chunks = places.map(({ at, bytes: length, points }) => ({ bytes: read(at, length), points }));
  const { x, y, z, intensity } = decodeChunks(chunks, header, { intensity: true });
  const { scale, offset } = header;
  const bounds = tightBounds(x, y, z, scale, offset);
  return { count, x, y, z, scale, offset, bounds, intensity: { raw: intensity!, scale: 1, offset: 0 } };
}

/** The header of a file that is a node. */
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

function layoutOf({ recordBytes, scale, offset }: LasHeader): RecordLayout {
  const axis = (i: 0 | 1 | 2): RecordField => ({
    at: 4 * i,
    type: 'signed',
    size: 4,
    scale: scale[i],
    offset: offset[i],
  });
  const intensity: RecordField = { at: INTENSITY_AT, type: 'unsigned', size: 2, scale: 1, offset: 0 };
  return { stride: recordBytes, x: axis(0), y: axis(1), z: axis(2), intensity };
}
