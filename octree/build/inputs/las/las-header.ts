/**
 * Reads the header of a LAS or LAZ input. No value is used before it was compared with the size of the file.
 */
import {
  findLaszipRecord,
  LAS_HEAD_BYTES,
  type LasHeader,
  type LaszipRecord,
  parseLasHeader,
  RECORD_BYTES,
} from '../../../laz/index.ts';
import { isGeographicWkt } from '../geographic.ts';
import type { InputFile } from '../input-file.ts';
import { badInput } from '../point-input.ts';
import type { InputRecord } from '../records/index.ts';
import { type ExtraDimensions, readExtraDimensions } from './extra-bytes.ts';
import { lasAttributes } from './las-attributes.ts';

export interface LasInput {
  readonly header: LasHeader;
  /** null if the points are not compressed. */
  readonly laszip: LaszipRecord | null;
  /** The coordinate reference system as WKT; null if there is none, or only GeoTIFF keys. */
  readonly wkt: string | null;
  /** Whether the WKT or the GeoTIFF keys say that coordinates are longitude and latitude. */
  readonly isGeographic: boolean;
  /** The dimensions in the extra bytes. */
  readonly extra: ExtraDimensions;
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
  const wktRecord = findRecord(records, header, PROJECTION_USER, WKT_RECORD);
  const wkt = wktRecord === null ? null : text(wktRecord) || null;
  const keys = findRecord(records, header, PROJECTION_USER, KEYS_RECORD);
  const extra = readExtraDimensions(findRecord(records, header, EXTRA_USER, EXTRA_RECORD), header);
  const laszip = header.isCompressed ? await named(path, () => findLaszipRecord(records, header)) : null;
  const isGeographic = wkt === null ? keys !== null && areGeographic(keys) : isGeographicWkt(wkt);
  return { header, laszip, wkt, isGeographic, extra };
}

const VLR_HEADER_BYTES = 54;
const WKT_RECORD = 2112;
const KEYS_RECORD = 34_735;
const PROJECTION_USER = 'LASF_Projection';
const EXTRA_RECORD = 4;
const EXTRA_USER = 'LASF_Spec';

/** The content of a variable length record; the records begin at the first byte. null if it is missing. */
function findRecord(bytes: Uint8Array, { records }: LasHeader, user: string, id: number): Uint8Array | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0, at = 0; i < records && at + VLR_HEADER_BYTES <= bytes.length; i++) {
    const from = at + VLR_HEADER_BYTES;
    const end = from + view.getUint16(at + 20, true);
    if (
      view.getUint16(at + 18, true) === id &&
      text(bytes.subarray(at + 2, at + 18)) === user &&
      end <= bytes.length
    )
      return bytes.subarray(from, end);
    at = end;
  }
  return null;
}

const MODEL_TYPE_KEY = 1024;
const GEOGRAPHIC = 2;

/** GeoTIFF's keys: four numbers, the last of them counts the entries of four numbers that follow. */
function areGeographic(keys: Uint8Array): boolean {
  const view = new DataView(keys.buffer, keys.byteOffset, keys.byteLength);
  for (let at = 8; at + 8 <= view.byteLength; at += 8)
    if (view.getUint16(at, true) === MODEL_TYPE_KEY) return view.getUint16(at + 6, true) === GEOGRAPHIC;
  return false;
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8').split('\0', 1)[0]!;
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
export function lasRecordLayout(header: LasHeader, { dimensions }: ExtraDimensions): InputRecord {
  const { recordBytes, scale, offset } = header;
  return {
    stride: recordBytes,
    littleEndian: true,
    x: { at: 0, type: 'int32' },
    y: { at: 4, type: 'int32' },
    z: { at: 8, type: 'int32' },
    intensity: { at: 12, type: 'uint16' },
    attributes: [
      ...lasAttributes(header),
      ...dimensions.map(({ at, stored, scale: factor, offset: shift }) => ({
        at: RECORD_BYTES[header.pointFormat] + at,
        type: stored,
        scale: factor,
        offset: shift,
      })),
    ],
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
