/**
 * The head of a LAS 1.4 file with compressed points: the public header and its variable length records (VLR).
 * It does not depend on the time or place of the build. Sources: ASPRS LAS 1.4 R15; LASzip's record 22204.
 */
import type { Vec3 } from '../../../geometry/index.ts';
import type { NumberType } from '../../points/index.ts';
import type { LasLayout } from './las-records.ts';

const LAS_HEADER_BYTES = 375;
const VLR_HEADER_BYTES = 54;
export const MOST_VLR_BYTES = 65_535;

export interface VariableRecord {
  readonly userId: string;
  readonly recordId: number;
  readonly description: string;
  readonly data: Uint8Array;
}

export interface LasTotals {
  readonly points: number;
  /** Number of points by return number, from 1. */
  readonly byReturn: readonly number[];
  readonly scale: number;
  readonly offset: Vec3;
  readonly min: Vec3;
  readonly max: Vec3;
}

export interface LasHead extends LasTotals {
  readonly layout: LasLayout;
  readonly records: readonly VariableRecord[];
  /** Place and number of the extended records. */
  readonly extendedAt?: number;
  readonly extended?: number;
}

const WKT_FLAG = 1 << 4;
const ADJUSTED_TIME_FLAG = 1;
const COMPRESSED_FLAG = 0x80;
const SOFTWARE = 'nearbox build';
const RETURNS = 15;

/** The header and the records, one after the other; the points follow. */
export function lasHead(head: LasHead): Uint8Array {
  const { layout, records, points, byReturn, scale, offset, min, max } = head;
  const parts = records.map(vlrBytes);
  const pointsAt = LAS_HEADER_BYTES + parts.reduce((sum, part) => sum + part.byteLength, 0);
  const header = Buffer.alloc(LAS_HEADER_BYTES);
  header.write('LASF', 0, 'latin1');
  header.writeUInt16LE(WKT_FLAG | ADJUSTED_TIME_FLAG, 6);
  header.writeUInt8(1, 24);
  header.writeUInt8(4, 25);
  header.write(SOFTWARE, 26, 32, 'latin1');
  header.write(SOFTWARE, 58, 32, 'latin1');
  header.writeUInt16LE(LAS_HEADER_BYTES, 94);
  header.writeUInt32LE(pointsAt, 96);
  header.writeUInt32LE(records.length, 100);
  header.writeUInt8(layout.format | COMPRESSED_FLAG, 104);
  header.writeUInt16LE(layout.recordBytes, 105);
  for (let axis = 0; axis < 3; axis++) {
    header.writeDoubleLE(scale, 131 + 8 * axis);
    header.writeDoubleLE(offset[axis]!, 155 + 8 * axis);
    header.writeDoubleLE(max[axis]!, 179 + 16 * axis);
    header.writeDoubleLE(min[axis]!, 187 + 16 * axis);
  }
  header.writeBigUInt64LE(BigInt(head.extendedAt ?? 0), 235);
  header.writeUInt32LE(head.extended ?? 0, 243);
  header.writeBigUInt64LE(BigInt(points), 247);
  for (let i = 0; i < RETURNS; i++) header.writeBigUInt64LE(BigInt(byReturn[i] ?? 0), 255 + 8 * i);
  return Buffer.concat([header, ...parts]);
}

function vlrBytes({ userId, recordId, description, data }: VariableRecord): Buffer {
  const head = Buffer.alloc(VLR_HEADER_BYTES);
  head.write(userId, 2, 16, 'latin1');
  head.writeUInt16LE(recordId, 18);
  head.writeUInt16LE(data.byteLength, 20);
  head.write(description, 22, 32, 'latin1');
  return Buffer.concat([head, data]);
}

/** LASzip's compressor 3 (layered chunks) and its version; the items of a record by type and version 3. */
const LAYERED_CHUNKED = 3;
const LASZIP_VERSION = [3, 4, 3] as const;
const ITEM = { point14: [10, 30], rgb14: [11, 6], extra: 14, version: 3 } as const;
const VARIABLE_CHUNKS = 0xffff_ffff;

/**
 * The laszip record. `chunkPoints`: points of every chunk except the last; null if the chunk table has the
 * numbers.
 */
export function laszipVlr({ format, recordBytes }: LasLayout, chunkPoints: number | null): VariableRecord {
  const items: [number, number][] = [[...ITEM.point14]];
  if (format === 7) items.push([...ITEM.rgb14]);
  const extra = recordBytes - items.reduce((sum, [, bytes]) => sum + bytes, 0);
  if (extra > 0) items.push([ITEM.extra, extra]);
  const data = Buffer.alloc(34 + 6 * items.length);
  data.writeUInt16LE(LAYERED_CHUNKED, 0);
  data.writeUInt8(LASZIP_VERSION[0], 4);
  data.writeUInt8(LASZIP_VERSION[1], 5);
  data.writeUInt16LE(LASZIP_VERSION[2], 6);
  data.writeUInt32LE(chunkPoints ?? VARIABLE_CHUNKS, 12);
  data.writeBigInt64LE(-1n, 16);
  data.writeBigInt64LE(-1n, 24);
  data.writeUInt16LE(items.length, 32);
  for (const [index, [type, bytes]] of items.entries()) {
    data.writeUInt16LE(type, 34 + 6 * index);
    data.writeUInt16LE(bytes, 36 + 6 * index);
    data.writeUInt16LE(ITEM.version, 38 + 6 * index);
  }
  return { userId: 'laszip encoded', recordId: 22204, description: 'compressed by nearbox', data };
}

const EXTRA_TYPES: Readonly<Partial<Record<NumberType, number>>> = {
  uint8: 1,
  int8: 2,
  uint16: 3,
  int16: 4,
  uint32: 5,
  int32: 6,
  float32: 9,
  float64: 10,
};
const EXTRA_RECORD_BYTES = 192;

/** Names and types of the extra bytes; none if there are none. */
export function extraBytesVlr({ extra }: LasLayout): VariableRecord[] {
  if (extra.length === 0) return [];
  const data = Buffer.alloc(EXTRA_RECORD_BYTES * extra.length);
  for (const [index, { name, type }] of extra.entries()) {
    data.writeUInt8(EXTRA_TYPES[type]!, EXTRA_RECORD_BYTES * index + 2);
    data.write(name, EXTRA_RECORD_BYTES * index + 4, 32, 'latin1');
  }
  return [{ userId: 'LASF_Spec', recordId: 4, description: 'Extra Bytes', data }];
}

/** The coordinate reference system, if there is one. */
export function wktVlr(wkt: string | null): VariableRecord[] {
  if (wkt === null) return [];
  const data = Buffer.from(`${wkt}\0`, 'utf8');
  if (data.byteLength > MOST_VLR_BYTES) return [];
  return [{ userId: 'LASF_Projection', recordId: 2112, description: 'WKT', data }];
}
