/**
 * A tile as it lies on disk. Little-endian:
 *
 *     0  "NBXT"        4  u16 format version   6  u16 zero
 *     8  u16 length of the group's name, 10 of the tile's name, 12 of the etag (0: none), 14 zero
 *    16  u64 length of the data
 *    24  group, name, etag in UTF-8
 *        SHA-256 of the data, SHA-256 of everything before, then the data
 *
 * The header's digest covers the data's digest: a record is complete and belongs to the right tile, or it is
 * rejected. SHA-256 and not a CRC, because a wrong tile that decodes without an error must never happen.
 */
import { createHash } from 'node:crypto';

export interface TileRecord {
  /** What is dropped together: a version of a cloud. */
  readonly group: string;
  readonly name: string;
  readonly etag: string | null;
  readonly bytes: Uint8Array;
}

/** A change to the layout above raises it; records of another version are none. */
const FORMAT_VERSION = 1;
const MAGIC = 0x5458424e;
const FIXED = 24;
const DIGEST = 32;
const MAX_TEXT = 0xffff;

/** The part of a record before its data. Throws a RangeError if a name is too long to be stored. */
export function encodeHeader({ group, name, etag, bytes }: TileRecord): Buffer {
  const texts = [group, name, etag ?? ''].map((text) => Buffer.from(text, 'utf8'));
  if (texts.some((text) => text.length > MAX_TEXT)) throw new RangeError('a name is too long for a record');
  const fixed = Buffer.alloc(FIXED);
  fixed.writeUInt32LE(MAGIC, 0);
  fixed.writeUInt16LE(FORMAT_VERSION, 4);
  for (const [i, text] of texts.entries()) fixed.writeUInt16LE(text.length, 8 + 2 * i);
  fixed.writeBigUInt64LE(BigInt(bytes.length), 16);
  const front = Buffer.concat([fixed, ...texts, sha256(bytes)]);
  return Buffer.concat([front, sha256(front)]);
}

/** Bytes that a record takes. */
export function recordLength({ group, name, etag, bytes }: TileRecord): number {
  const texts = Buffer.byteLength(group) + Buffer.byteLength(name) + Buffer.byteLength(etag ?? '');
  return FIXED + texts + 2 * DIGEST + bytes.length;
}

/**
 * The data (in a buffer of its own) and the validator of a record; null if the record is incomplete or
 * belongs to another group or name.
 */
export function decodeRecord(
  record: Uint8Array,
  group: string,
  name: string,
): { bytes: Uint8Array<ArrayBuffer>; etag: string | null } | null {
  if (record.length < FIXED + 2 * DIGEST) return null;
  const view = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  if (view.readUInt32LE(0) !== MAGIC || view.readUInt16LE(4) !== FORMAT_VERSION) return null;
  const groupEnd = FIXED + view.readUInt16LE(8);
  const nameEnd = groupEnd + view.readUInt16LE(10);
  const etagEnd = nameEnd + view.readUInt16LE(12);
  const dataStart = etagEnd + 2 * DIGEST;
  if (BigInt(record.length) !== BigInt(dataStart) + view.readBigUInt64LE(16)) return null;

  const digest = view.subarray(etagEnd, etagEnd + DIGEST);
  const headerDigest = view.subarray(etagEnd + DIGEST, dataStart);
  if (!sha256(view.subarray(0, etagEnd + DIGEST)).equals(headerDigest)) return null;
  // The file's name is a digest of both; this detects a file that was moved or copied.
  if (view.toString('utf8', FIXED, groupEnd) !== group) return null;
  if (view.toString('utf8', groupEnd, nameEnd) !== name) return null;
  const data = view.subarray(dataStart);
  if (!sha256(data).equals(digest)) return null;
  return {
    bytes: new Uint8Array(data),
    etag: nameEnd === etagEnd ? null : view.toString('utf8', nameEnd, etagEnd),
  };
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
