/**
 * The header of a LAS or LAZ file: what is needed to take the points out, checked before any of it is believed.
 * Sources: ASPRS LAS 1.4-R15 (public header block), LASzip's "laszip encoded" VLR.
 */
import type { Vec3 } from './bounds.ts';

export interface LasHeader {
  /** Point data record format, the compression bits taken off. */
  readonly format: number;
  readonly isCompressed: boolean;
  readonly recordLength: number;
  readonly count: number;
  readonly scale: Vec3;
  readonly offset: Vec3;
  /** Bytes before the first point. */
  readonly pointsAt: number;
}

/** Bytes of a record without extra bytes, for the formats that can be read. 4, 5, 9 and 10 carry waveforms. */
const RECORD_BYTES: Readonly<Record<number, number>> = { 0: 20, 1: 28, 2: 26, 3: 34, 6: 30, 7: 36, 8: 38 };

const HEADER_BYTES = 227;
const HEADER_BYTES_1_4 = 375;
const VLR_HEADER_BYTES = 54;
const LASZIP_RECORD_ID = 22204;
/** LASzip's compressors: chunks of points, and chunks of layers (point formats 6 and up). */
const POINTWISE_CHUNKED = 2;
const LAYERED_CHUNKED = 3;
const VARIABLE_CHUNKS = 0xffff_ffff;
/** POINT14: returns and XY, Z, classification, flags, intensity, scan angle, user data, point source, GPS time. */
const POINT_LAYERS = 9;
/** Colour; colour and near infrared. Each extra byte is a layer as well. */
const COLOUR_LAYERS: Readonly<Record<number, number>> = { 7: 1, 8: 2 };

/** Throws an Error that says what is wrong. */
export function parseLasHeader(bytes: Uint8Array): LasHeader {
  if (bytes.byteLength < HEADER_BYTES) throw new Error(`${bytes.byteLength} bytes are no LAS file`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== 0x4c415346) throw new Error('does not begin with LASF');
  const [major, minor] = [view.getUint8(24), view.getUint8(25)];
  if (major !== 1 || minor > 4) throw new Error(`LAS version ${major}.${minor} is not known`);
  const headerBytes = view.getUint16(94, true);
  const leastHeader = minor >= 4 ? HEADER_BYTES_1_4 : HEADER_BYTES;
  const pointsAt = view.getUint32(96, true);
  if (headerBytes < leastHeader || headerBytes > pointsAt || pointsAt > bytes.byteLength) {
    throw new Error('header, points and end of file overlap');
  }
  const storedFormat = view.getUint8(104);
  const format = storedFormat & 0x3f;
  const recordLength = view.getUint16(105, true);
  const least = RECORD_BYTES[format];
  if (least === undefined) throw new Error(`point format ${format} is not supported`);
  if (recordLength < least)
    throw new Error(`point format ${format} needs ${least} bytes, a record has ${recordLength}`);
  const legacyCount = view.getUint32(107, true);
  // 1.4 has a field of its own; files whose writer only filled the old one exist.
  const count = (minor >= 4 && Number(view.getBigUint64(247, true))) || legacyCount;
  const scale = float3(view, 131);
  const offset = float3(view, 155);
  if (!scale.every((step) => Number.isFinite(step) && step > 0) || !offset.every(Number.isFinite)) {
    throw new Error('scale or offset is not a usable number');
  }
  const isCompressed = (storedFormat & 0x80) !== 0;
  const header = { format, isCompressed, recordLength, count, scale, offset, pointsAt };
  if (isCompressed) checkLaszip(view, header, headerBytes, view.getUint32(100, true));
  return header;
}

/** The compressor, its items and the place of the chunk table: all that the decoder will follow without looking. */
function checkLaszip(view: DataView, header: LasHeader, headerBytes: number, vlrs: number): void {
  const at = findLaszip(view, headerBytes, header.pointsAt, vlrs);
  const compressor = view.getUint16(at, true);
  if (compressor !== (header.format >= 6 ? LAYERED_CHUNKED : POINTWISE_CHUNKED)) {
    throw new Error(`LASzip compressor ${compressor} does not go with point format ${header.format}`);
  }
  const chunkSize = view.getUint32(at + 12, true);
  if (chunkSize === 0) throw new Error('LASzip chunks of no points');
  const items = view.getUint16(at + 32, true);
  if (at + 34 + 6 * items > header.pointsAt) throw new Error('LASzip items run into the points');
  let itemBytes = 0;
  for (let i = 0; i < items; i++) itemBytes += view.getUint16(at + 34 + 6 * i + 2, true);
  if (itemBytes !== header.recordLength) {
    throw new Error(`LASzip items of ${itemBytes} bytes, records of ${header.recordLength}`);
  }
  if (header.count === 0) return;
  const table = checkChunkTable(view, header, chunkSize);
  if (compressor === LAYERED_CHUNKED) checkLayers(view, header, table);
}

function checkChunkTable(view: DataView, { pointsAt, count }: LasHeader, chunkSize: number): number {
  const size = view.byteLength;
  if (pointsAt + 8 > size) throw new Error('no place of the chunk table');
  const stored = Number(view.getBigInt64(pointsAt, true));
  // A writer that could not seek back leaves -1 here and puts the place into the last 8 bytes.
  const table = stored === -1 ? Number(view.getBigInt64(size - 8, true)) : stored;
  if (table < pointsAt + 8 || table + 8 > size)
    throw new Error('the chunk table is not in the file: truncated?');
  const chunks = view.getUint32(table + 4, true);
  const most = chunkSize === VARIABLE_CHUNKS ? count : Math.ceil(count / chunkSize);
  if (chunks < 1 || chunks > most)
    throw new Error(`${chunks} chunks of ${chunkSize} points for ${count} points`);
  return table;
}

/**
 * Chunks of layers tell their own length: one raw record, a count, the size of each layer, the layers. They must hold all points and end where the
 * chunk table begins; the decoder makes room for whatever size it finds there.
 */
function checkLayers(
  view: DataView,
  { format, recordLength, count, pointsAt }: LasHeader,
  table: number,
): void {
  const layers = POINT_LAYERS + (COLOUR_LAYERS[format] ?? 0) + recordLength - RECORD_BYTES[format]!;
  let at = pointsAt + 8;
  let points = 0;
  while (points < count) {
    const sizesAt = at + recordLength + 4;
    let end = sizesAt + 4 * layers;
    if (end > table) throw new Error('a chunk runs into the chunk table');
    for (let layer = 0; layer < layers; layer++) end += view.getUint32(sizesAt + 4 * layer, true);
    const inChunk = view.getUint32(sizesAt - 4, true);
    if (end > table || inChunk === 0) throw new Error('the layers of a chunk run into the chunk table');
    points += inChunk;
    at = end;
  }
  if (points !== count || at !== table)
    throw new Error(`the chunks have ${points} points instead of ${count}`);
}

/** Walks all of the records, since the decoder will: a count or a length that leads out of the header makes it fill memory with nothing. */
function findLaszip(view: DataView, headerBytes: number, end: number, vlrs: number): number {
  let found: number | null = null;
  let at = headerBytes;
  for (let i = 0; i < vlrs; i++) {
    if (at + VLR_HEADER_BYTES > end) throw new Error(`${vlrs} header records do not fit`);
    const recordId = view.getUint16(at + 18, true);
    const length = view.getUint16(at + 20, true);
    const payload = at + VLR_HEADER_BYTES;
    if (payload + length > end) throw new Error('a header record runs into the points');
    if (recordId === LASZIP_RECORD_ID && userId(view, at + 2) === 'laszip encoded') {
      if (length < 34) throw new Error('the LASzip record is too short');
      found ??= payload;
    }
    at = payload + length;
  }
  if (found === null) throw new Error('no LASzip record');
  return found;
}

function userId(view: DataView, at: number): string {
  const text = Buffer.from(view.buffer, view.byteOffset + at, 16).toString('latin1');
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

function float3(view: DataView, at: number): Vec3 {
  return [view.getFloat64(at, true), view.getFloat64(at + 8, true), view.getFloat64(at + 16, true)];
}
