/**
 * The header of a LAS or LAZ file, checked: what is needed to read the points.
 * Source: ASPRS LAS 1.0 to 1.4 R15 (public header block).
 */
import type { Vec3 } from '../geometry/index.ts';
import { isPointFormat, type PointRecords, RECORD_BYTES } from './point-format.ts';

export interface LasHeader extends PointRecords {
  readonly isCompressed: boolean;
  readonly count: number;
  readonly scale: Vec3;
  readonly offset: Vec3;
  /** The bounds that the file claims. */
  readonly min: Vec3;
  readonly max: Vec3;
  /** Bytes before the first point. */
  readonly pointsAt: number;
  /** Where the variable length records begin, and how many there are. */
  readonly recordsAt: number;
  readonly records: number;
  /** Where the extended variable length records of LAS 1.4 begin; null where there are none. */
  readonly extendedAt: number | null;
}

/**
 * Bytes at the beginning of a file that hold the header. LAS 1.3 has 8 more bytes than 1.2, for waveforms,
 * which are not read.
 */
export const LAS_HEAD_BYTES = 375;
const SMALLEST_HEADER_BYTES = 227;

/**
 * `head`: the first LAS_HEAD_BYTES of the file, or all of it. `fileBytes`: its size. Throws an Error whose
 * text continues the name of the file.
 */
export function parseLasHeader(head: Uint8Array, fileBytes: number): LasHeader {
  if (head.byteLength < SMALLEST_HEADER_BYTES)
    throw new Error(`is not a LAS file: it has only ${fileBytes} bytes`);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (view.getUint32(0) !== 0x4c415346) throw new Error('is not a LAS file: it does not begin with LASF');
  const [major, minor] = [view.getUint8(24), view.getUint8(25)];
  if (major !== 1 || minor > 4) throw new Error(`LAS ${major}.${minor} is not read: only 1.0 to 1.4 are`);
  const recordsAt = view.getUint16(94, true);
  const needed = minor === 4 ? LAS_HEAD_BYTES : SMALLEST_HEADER_BYTES;
  if (recordsAt < needed)
    throw new Error(`its header says it has ${recordsAt} bytes, LAS 1.${minor} has ${needed}`);
  if (head.byteLength < needed) throw new Error(`is cut off: it has only ${fileBytes} bytes`);
  const pointsAt = view.getUint32(96, true);
  if (pointsAt < recordsAt || pointsAt > fileBytes)
    throw new Error(`its points are said to begin at byte ${pointsAt}, the file has ${fileBytes}`);
  const count = countOf(view, minor);
  if (!Number.isSafeInteger(count)) throw new Error(`${count} points are more than a file can hold`);
  const scale = triple(view, 131, 8);
  const offset = triple(view, 155, 8);
  if (!scale.every((step) => Number.isFinite(step) && step !== 0) || !offset.every(Number.isFinite))
    throw new Error(`scale ${scale.join(', ')} and offset ${offset.join(', ')} are not usable`);
  return {
    ...pointRecords(view),
    // LASzip sets bit 7 of the format, older versions bit 6.
    isCompressed: (view.getUint8(104) & 0xc0) !== 0,
    count,
    scale,
    offset,
    max: triple(view, 179, 16),
    min: triple(view, 187, 16),
    pointsAt,
    recordsAt,
    records: view.getUint32(100, true),
    extendedAt: minor === 4 && view.getUint32(243, true) > 0 ? Number(view.getBigUint64(235, true)) : null,
  };
}

function pointRecords(view: DataView): PointRecords {
  const pointFormat = view.getUint8(104) & 0x3f;
  if (!isPointFormat(pointFormat))
    throw new Error(`point format ${pointFormat} is unknown: there are 0 to 10`);
  const recordBytes = view.getUint16(105, true);
  const least = RECORD_BYTES[pointFormat];
  if (recordBytes < least)
    throw new Error(
      `records of ${recordBytes} bytes are too short for point format ${pointFormat} (${least})`,
    );
  return { pointFormat, recordBytes };
}

/**
 * LAS 1.4 has a 64-bit count; its old 32-bit field is 0 for large files. Some writers fill only the old
 * field.
 */
function countOf(view: DataView, minor: number): number {
  const legacy = view.getUint32(107, true);
  return minor < 4 ? legacy : Number(view.getBigUint64(247, true)) || legacy;
}

/** Three doubles, `step` bytes apart: bounds are stored max, min per axis. */
function triple(view: DataView, at: number, step: number): Vec3 {
  return [view.getFloat64(at, true), view.getFloat64(at + step, true), view.getFloat64(at + 2 * step, true)];
}
