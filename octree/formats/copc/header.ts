/**
 * The head of a COPC file: the LAS 1.4 header and the info VLR, which must come first. Source: copc.io
 * specification 1.0 ("File format", "info VLR") and ASPRS LAS 1.4 R15. All numbers are little-endian.
 */

import type { ByteRange } from '../../../cache/byte-source/index.ts';
import { NearboxError } from '../../../cache/foundation/index.ts';
import type { Bounds, Vec3 } from '../../geometry/index.ts';
import {
  findLaszipRecord,
  LAS_HEAD_BYTES,
  type LasHeader,
  type PointFormat,
  parseLasHeader,
} from '../../laz/index.ts';
import type { InvalidFile } from '../invalid.ts';
import { MAX_METRES } from '../metres.ts';
import { MAX_COPC_PAGE_BYTES } from './hierarchy.ts';

/** Bytes of the first read: usually all VLRs, and files smaller than this completely. */
export const COPC_HEAD_BYTES = 64 * 1024;

/** LAS header (375), VLR header (54) and COPC info (160): these bytes identify the file. */
export const COPC_SIGNIFICANT_BYTES = 589;

type CopcPointFormat = 6 | 7 | 8;

export interface CopcMetadata {
  readonly pointFormat: CopcPointFormat;
  /** Bytes of one decompressed record, extra bytes included. */
  readonly recordBytes: number;
  readonly scale: Vec3;
  readonly offset: Vec3;
  /**
   * The cube of the octree, from centre and half size in the info VLR. The bounds of the LAS header are
   * something else.
   */
  readonly cube: Bounds;
  /** The extent of the data, as the header says. */
  readonly conforming: Bounds;
  readonly points: number;
  /** Distance between the points of the root node, metres. */
  readonly spacing: number;
  readonly rootPage: ByteRange;
  /** Where the compressed points begin: no chunk lies before it. */
  readonly pointsAt: number;
  readonly fileSize: number;
  /** See `PointRecords`. */
  readonly itemVersion: number;
}

const USUAL_ITEM_VERSION = 3;
const INFO_AT = 429;
const INFO_BYTES = 160;

/**
 * Parses and checks the head. `head` begins at byte 0 of the file and has at least 589 bytes; `fileSize` is
 * in bytes; `name` is the id of the cloud. Throws `corrupt_tile` with the cloud and what is wrong.
 */
export function parseCopcHead(head: Uint8Array, fileSize: number, name: string): CopcMetadata {
  const bad = (what: string) => new NearboxError('corrupt_tile', `${name}: not a valid COPC file: ${what}`);
  if (head.byteLength < COPC_SIGNIFICANT_BYTES) throw bad(`only ${head.byteLength} bytes of head`);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  checkSignatures(head, view, bad);

  const header = lasHeaderOf(head, fileSize, bad);
  const { pointFormat, recordBytes, pointsAt, scale, offset } = header;
  if (!isCopcPointFormat(pointFormat)) throw bad(`point format ${pointFormat} is not 6, 7 or 8`);
  if (pointsAt < COPC_SIGNIFICANT_BYTES) throw bad(`points at byte ${pointsAt} of ${fileSize}`);
  if (!scale.every((step) => step > 0)) throw bad(`scale ${scale.join(', ')}`);

  const cube = cubeOf(view, bad);
  const spacing = view.getFloat64(INFO_AT + 32, true);
  if (!Number.isFinite(spacing) || spacing <= 0) throw bad(`spacing ${spacing}`);
  return {
    pointFormat,
    recordBytes,
    scale,
    offset,
    cube,
    conforming: conformingOf(header, cube),
    points: header.count,
    spacing,
    rootPage: rootPageOf(view, fileSize, bad),
    pointsAt,
    fileSize,
    itemVersion: itemVersionOf(head, header),
  };
}

/**
 * The item version in the laszip VLR, which writers put behind the info VLR; the usual version if it is not
 * in the head.
 */
function itemVersionOf(head: Uint8Array, header: LasHeader): number {
  try {
    return findLaszipRecord(head.subarray(LAS_HEAD_BYTES, header.pointsAt), header).itemVersion;
  } catch {
    return USUAL_ITEM_VERSION;
  }
}

function lasHeaderOf(head: Uint8Array, fileSize: number, bad: InvalidFile): LasHeader {
  try {
    return parseLasHeader(head, fileSize);
  } catch (error) {
    throw bad((error as Error).message);
  }
}

function checkSignatures(head: Uint8Array, view: DataView, bad: InvalidFile): void {
  const text = (from: number, to: number) => Buffer.from(head.subarray(from, to)).toString('latin1');
  if (text(0, 4) !== 'LASF') throw bad('it does not begin with LASF');
  if (view.getUint8(24) !== 1 || view.getUint8(25) !== 4) {
    throw bad(`LAS ${view.getUint8(24)}.${view.getUint8(25)} instead of 1.4`);
  }
  if (view.getUint16(94, true) !== LAS_HEAD_BYTES) throw bad(`a header of ${view.getUint16(94, true)} bytes`);
  if (text(377, 382) !== 'copc\0' || view.getUint16(393, true) !== 1)
    throw bad('the first VLR is not the COPC info');
  if (view.getUint16(395, true) !== INFO_BYTES)
    throw bad(`an info VLR of ${view.getUint16(395, true)} bytes`);
}

function cubeOf(view: DataView, bad: InvalidFile): Bounds {
  const [x, y, z] = [0, 8, 16].map((from) => view.getFloat64(INFO_AT + from, true)) as unknown as Vec3;
  const half = view.getFloat64(INFO_AT + 24, true);
  const cube: Bounds = { min: [x - half, y - half, z - half], max: [x + half, y + half, z + half] };
  const ordered = cube.min.every((low, axis) => low < cube.max[axis]!);
  if (!ordered || ![...cube.min, ...cube.max].every(Number.isFinite)) {
    throw bad(`a cube of half size ${half} around ${x}, ${y}, ${z}`);
  }
  if ([...cube.min, ...cube.max].some((at) => Math.abs(at) > MAX_METRES))
    throw bad(`a cube of half size ${half} around ${x}, ${y}, ${z} goes beyond ${MAX_METRES} m`);
  return cube;
}

/**
 * The bounds of the LAS header, stored as max x, min x, max y, ... They are informative only: if they are
 * invalid, the cube is used.
 */
function conformingOf({ min, max }: LasHeader, cube: Bounds): Bounds {
  const usable = [...min, ...max].every(Number.isFinite) && min.every((low, axis) => low <= max[axis]!);
  return usable ? { min, max } : cube;
}

function rootPageOf(view: DataView, fileSize: number, bad: InvalidFile): ByteRange {
  const offset = Number(view.getBigUint64(INFO_AT + 40, true));
  const length = Number(view.getBigUint64(INFO_AT + 48, true));
  if (
    offset < COPC_SIGNIFICANT_BYTES ||
    length <= 0 ||
    length > MAX_COPC_PAGE_BYTES ||
    offset + length > fileSize
  ) {
    throw bad(`a root hierarchy page of ${length} bytes at ${offset} of ${fileSize}`);
  }
  return { offset, length };
}

/** COPC allows no others. */
function isCopcPointFormat(format: PointFormat): format is CopcPointFormat {
  return format === 6 || format === 7 || format === 8;
}
