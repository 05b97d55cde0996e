/**
 * The header of a LAS or LAZ file. Sources: ASPRS LAS 1.0 to 1.4 R15 (public header block, point data record formats) and the laszip VLR
 * (user id "laszip encoded", record 22204). Nothing is believed before it fits the size of the file.
 */
import type { InputFile } from './input-file.ts';
import { badInput } from './point-input.ts';
import type { RecordLayout } from './records.ts';

export interface LasHeader {
  /** 0-3 or 6-8. */
  readonly pointFormat: number;
  readonly recordBytes: number;
  readonly pointsAt: number;
  readonly count: number;
  readonly scale: readonly [number, number, number];
  readonly offset: readonly [number, number, number];
  /** As the file claims them, per axis. */
  readonly min: readonly [number, number, number];
  readonly max: readonly [number, number, number];
  /** Null where the points are not compressed. */
  readonly laszip: LaszipRecord | null;
}

/** What the laszip VLR says about the compressed chunks. */
export interface LaszipRecord {
  /** 2: chunks of point-wise compressed records, 3: chunks of layers. */
  readonly compressor: number;
  /** Points in each chunk but the last; null if the chunk table says it for each. */
  readonly chunkPoints: number | null;
}

/** Bytes of a record of each format that is read, without extra bytes. */
export const RECORD_BYTES: Readonly<Record<number, number>> = {
  0: 20,
  1: 28,
  2: 26,
  3: 34,
  6: 30,
  7: 36,
  8: 38,
};

/** LAS 1.3 has 8 more bytes than 1.2, for waveforms, which are not read. */
const HEADER_BYTES = { smallest: 227, v14: 375 };
const VLR_HEADER_BYTES = 54;
const LASZIP_RECORD = 22204;
const LASZIP_USER = 'laszip encoded';
const VARIABLE_CHUNKS = 0xffffffff;

export async function readLasHeader(file: InputFile): Promise<LasHeader> {
  const { path } = file;
  if (file.size < HEADER_BYTES.smallest)
    throw badInput(path, `is no LAS file: it has only ${file.size} bytes`);
  const head = viewOf(await file.read(0, Math.min(file.size, HEADER_BYTES.v14)));
  if (head.getUint32(0, true) !== 0x4653414c)
    throw badInput(path, 'is no LAS file: it does not begin with LASF');
  const [major, minor] = [head.getUint8(24), head.getUint8(25)];
  if (major !== 1 || minor > 4)
    throw badInput(path, `LAS ${major}.${minor} is not read: only 1.0 to 1.4 are`);
  const headerBytes = head.getUint16(94, true);
  const needed = minor === 4 ? HEADER_BYTES.v14 : HEADER_BYTES.smallest;
  if (headerBytes < needed)
    throw badInput(path, `its header says it has ${headerBytes} bytes, LAS 1.${minor} has ${needed}`);
  const pointsAt = head.getUint32(96, true);
  if (pointsAt < headerBytes || pointsAt > file.size) {
    throw badInput(path, `its points are said to begin at byte ${pointsAt}, the file has ${file.size}`);
  }
  const { pointFormat, compressed } = pointFormatOf(head.getUint8(104), path);
  const recordBytes = head.getUint16(105, true);
  const smallest = RECORD_BYTES[pointFormat]!;
  if (recordBytes < smallest) {
    throw badInput(
      path,
      `records of ${recordBytes} bytes are too short for point format ${pointFormat} (${smallest})`,
    );
  }
  const count = countOf(head, minor);
  if (!Number.isSafeInteger(count)) throw badInput(path, `${count} points are more than a file can hold`);
  const scale = triple(head, 131, 8);
  const offset = triple(head, 155, 8);
  if (!scale.every((value) => Number.isFinite(value) && value !== 0) || !offset.every(Number.isFinite)) {
    throw badInput(path, `scale ${scale.join(', ')} and offset ${offset.join(', ')} are not usable`);
  }
  const header = { pointFormat, recordBytes, pointsAt, count, scale, offset };
  const bounds = { max: triple(head, 179, 16), min: triple(head, 187, 16) };
  if (!compressed) {
    checkLength(file, header);
    return { ...header, ...bounds, laszip: null };
  }
  const vlrs = { at: headerBytes, end: pointsAt, count: head.getUint32(100, true) };
  return { ...header, ...bounds, laszip: await readLaszipRecord(file, vlrs) };
}

/** Where the coordinates and the intensity are in an uncompressed record: the same in all formats. */
export function lasRecordLayout({ recordBytes, scale, offset }: LasHeader): RecordLayout {
  return {
    stride: recordBytes,
    littleEndian: true,
    x: { at: 0, type: 'int32' },
    y: { at: 4, type: 'int32' },
    z: { at: 8, type: 'int32' },
    intensity: { at: 12, type: 'uint16' },
    transform: { scale, offset },
  };
}

/** LASzip sets bit 7 of the format, older versions bit 6. */
function pointFormatOf(byte: number, path: string): { pointFormat: number; compressed: boolean } {
  const pointFormat = byte & 0x3f;
  if (RECORD_BYTES[pointFormat] === undefined) {
    throw badInput(path, `point format ${pointFormat} is not read: only 0-3 and 6-8 are`);
  }
  return { pointFormat, compressed: (byte & 0xc0) !== 0 };
}

/** 64 bits in LAS 1.4, whose old field is 0 for large files; some writers fill the old one alone. */
function countOf(head: DataView, minor: number): number {
  const legacy = head.getUint32(107, true);
  if (minor < 4) return legacy;
  const count = Number(head.getBigUint64(247, true));
  return count === 0 ? legacy : count;
}

function checkLength(
  { path, size }: InputFile,
  { pointsAt, count, recordBytes }: Pick<LasHeader, 'pointsAt' | 'count' | 'recordBytes'>,
): void {
  if (pointsAt + count * recordBytes <= size) return;
  const whole = Math.floor((size - pointsAt) / recordBytes);
  throw badInput(
    path,
    `is cut off: its header promises ${count} points, it holds ${whole} (up to byte ${size})`,
  );
}

async function readLaszipRecord(
  file: InputFile,
  vlrs: { readonly at: number; readonly end: number; readonly count: number },
): Promise<LaszipRecord> {
  let { at } = vlrs;
  for (let i = 0; i < vlrs.count && at + VLR_HEADER_BYTES <= vlrs.end; i++) {
    const bytes = await file.read(at, VLR_HEADER_BYTES);
    const view = viewOf(bytes);
    const length = view.getUint16(20, true);
    const user = Buffer.from(bytes.subarray(2, 18)).toString('latin1').split('\0', 1)[0];
    if (user === LASZIP_USER && view.getUint16(18, true) === LASZIP_RECORD) {
      if (length < 16 || at + VLR_HEADER_BYTES + length > vlrs.end) break;
      return parseLaszipRecord(viewOf(await file.read(at + VLR_HEADER_BYTES, length)), file.path);
    }
    at += VLR_HEADER_BYTES + length;
  }
  throw badInput(
    file.path,
    'its points are compressed, but a whole laszip record is missing from its header',
  );
}

function parseLaszipRecord(view: DataView, path: string): LaszipRecord {
  const compressor = view.getUint16(0, true);
  if (compressor !== 2 && compressor !== 3) {
    throw badInput(
      path,
      `LASzip compressor ${compressor} is not read: only 2 and 3, which write chunks, are`,
    );
  }
  const chunkPoints = view.getUint32(12, true);
  if (chunkPoints === 0) throw badInput(path, 'its laszip record says that a chunk has 0 points');
  return { compressor, chunkPoints: chunkPoints === VARIABLE_CHUNKS ? null : chunkPoints };
}

/** Three doubles, `step` bytes apart: header bounds are stored max, min per axis. */
function triple(view: DataView, at: number, step: number): [number, number, number] {
  return [view.getFloat64(at, true), view.getFloat64(at + step, true), view.getFloat64(at + 2 * step, true)];
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
