/**
 * Reads the header of a LAS or LAZ input. No value is used before it was compared with the size of the file.
 */
import {
  findLaszipRecord,
  LAS_HEAD_BYTES,
  type LasHeader,
  type LaszipRecord,
  parseLasHeader,
} from '../../../laz/index.ts';
import type { InputFile } from '../input-file.ts';
import { badInput } from '../point-input.ts';
import type { InputRecord } from '../records.ts';
import { lasAttributes } from './las-attributes.ts';

export interface LasInput {
  readonly header: LasHeader;
  /** null if the points are not compressed. */
  readonly laszip: LaszipRecord | null;
  /** The coordinate reference system as WKT; null if there is none, or only GeoTIFF keys. */
  readonly wkt: string | null;
}

/** Most header records that are searched for the laszip record. */
const MOST_HEADER_RECORDS_BYTES = 64 * 1024 * 1024;

export async function readLasInput(file: InputFile): Promise<LasInput> {
  const { path, size } = file;
  const header = await named(path, async () =>
    parseLasHeader(await file.read(0, Math.min(size, LAS_HEAD_BYTES)), size),
  );
  checkCount(file, header);
  const { recordsAt, pointsAt } = header;
  if (!header.isCompressed) checkLength(file, header);
  if (pointsAt - recordsAt > MOST_HEADER_RECORDS_BYTES)
    throw badInput(path, `has ${pointsAt - recordsAt} bytes of header records: too many`);
  const records = await file.read(recordsAt, pointsAt - recordsAt);
  const wkt = findWkt(records, header);
  const laszip = header.isCompressed ? await named(path, () => findLaszipRecord(records, header)) : null;
  return { header, laszip, wkt };
}

const VLR_HEADER_BYTES = 54;
const WKT_RECORD = 2112;
const WKT_USER = 'LASF_Projection';

/** Finds the WKT record in the variable length records, which begin at the first byte. */
function findWkt(bytes: Uint8Array, { records }: LasHeader): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = (from: number, to: number) =>
    Buffer.from(bytes.subarray(from, to)).toString('utf8').split('\0', 1)[0]!;
  for (let i = 0, at = 0; i < records && at + VLR_HEADER_BYTES <= bytes.length; i++) {
    const from = at + VLR_HEADER_BYTES;
    const end = from + view.getUint16(at + 20, true);
    if (
      view.getUint16(at + 18, true) === WKT_RECORD &&
      text(at + 2, at + 18) === WKT_USER &&
      end <= bytes.length
    )
      return text(from, end) || null;
    at = end;
  }
  return null;
}

/** Converts an Error about the file to an `invalid_request` that names the file. */
export async function named<Result>(path: string, work: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof Error) || cause.constructor !== Error) throw cause;
    throw badInput(path, cause.message, cause);
  }
}

/** Places of the coordinates and the intensity in an uncompressed record; equal in all formats. */
export function lasRecordLayout(header: LasHeader): InputRecord {
  const { recordBytes, scale, offset } = header;
  return {
    stride: recordBytes,
    littleEndian: true,
    x: { at: 0, type: 'int32' },
    y: { at: 4, type: 'int32' },
    z: { at: 8, type: 'int32' },
    intensity: { at: 12, type: 'uint16' },
    attributes: lasAttributes(header),
    transform: { scale, offset },
  };
}

/** The bytes of the empty chunk table in LAZ files without points: its place, version and length. */
const EMPTY_TABLE_BYTES = 16;

/** Writers that crash or stream leave a count of 0 in the header. */
function checkCount({ path, size }: InputFile, header: LasHeader): void {
  if (header.count > 0) return;
  const end = header.extendedAt ?? size;
  const bytes = end - header.pointsAt - (header.isCompressed ? EMPTY_TABLE_BYTES : 0);
  if (bytes < header.recordBytes) return;
  throw badInput(
    path,
    `its header counts 0 points, though ${end - header.pointsAt} bytes of point data follow: correct the count in the header, for example by reading and writing the file with the tool that made it`,
  );
}

function checkLength({ path, size }: InputFile, { pointsAt, count, recordBytes }: LasHeader): void {
  if (pointsAt + count * recordBytes <= size) return;
  const whole = Math.floor((size - pointsAt) / recordBytes);
  throw badInput(
    path,
    `is cut off: its header promises ${count} points, it holds ${whole} (up to byte ${size})`,
  );
}
