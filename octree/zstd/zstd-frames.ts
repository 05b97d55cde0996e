/**
 * The largest decompressed size of zstandard frames, computed from the headers of frames and blocks. Source:
 * RFC 8878, 3.1.1.
 */

export interface UnpackedBounds {
  /** Bytes that the frames declare, all together; null if one does not. */
  readonly declared: number | null;
  /** The most bytes that they can have, whatever they declare. */
  readonly atMost: number;
}

const MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const MAX_BLOCK_BYTES = 128 * 1024;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
const RAW = 0;
const RLE = 1;
const COMPRESSED = 2;

/**
 * Throws an Error if the bytes are not whole frames, one after the other. Takes a look per block, and no
 * memory.
 */
export function frameBounds(bytes: Uint8Array): UnpackedBounds {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let declared: number | null = 0;
  let atMost = 0;
  let at = 0;
  try {
    while (at < bytes.byteLength) {
      const magic = view.getUint32(at, true);
      if ((magic & 0xfffffff0) === (SKIPPABLE_MAGIC | 0)) {
        at += 8 + view.getUint32(at + 4, true);
        continue;
      }
      if (magic !== MAGIC) throw new RangeError('no magic number');
      const header = frameHeader(view, at + 4);
      declared = declared === null || header.declared === null ? null : declared + header.declared;
      const blocks = walkBlocks(view, header.end);
      atMost += blocks.atMost;
      at = blocks.end + (header.hasChecksum ? CHECKSUM_BYTES : 0);
    }
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new Error('the zstandard frame is damaged or cut off', { cause });
  }
  if (at !== bytes.byteLength) throw new Error('the zstandard frame is cut off');
  return { declared, atMost };
}

interface FrameHeader {
  readonly declared: number | null;
  readonly hasChecksum: boolean;
  readonly end: number;
}

function frameHeader(view: DataView, at: number): FrameHeader {
  const descriptor = view.getUint8(at);
  const isSingleSegment = (descriptor & 0b100000) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 0b11]!;
  const sizeAt = at + 1 + (isSingleSegment ? 0 : 1) + dictionaryBytes;
  const hasChecksum = (descriptor & 0b100) !== 0;
  switch (descriptor >> 6) {
    case 1:
      return { declared: view.getUint16(sizeAt, true) + 256, hasChecksum, end: sizeAt + 2 };
    case 2:
      return { declared: view.getUint32(sizeAt, true), hasChecksum, end: sizeAt + 4 };
    case 3:
      return { declared: Number(view.getBigUint64(sizeAt, true)), hasChecksum, end: sizeAt + 8 };
    default:
      if (!isSingleSegment) return { declared: null, hasChecksum, end: sizeAt };
      return { declared: view.getUint8(sizeAt), hasChecksum, end: sizeAt + 1 };
  }
}

function walkBlocks(view: DataView, from: number): { readonly atMost: number; readonly end: number } {
  let atMost = 0;
  for (let at = from; ; ) {
    const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    const size = header >> 3;
    const type = (header >> 1) & 0b11;
    at += BLOCK_HEADER_BYTES;
    if (type === RAW) {
      atMost += size;
      at += size;
    } else if (type === RLE) {
      atMost += size;
      at += 1;
    } else if (type === COMPRESSED) {
      atMost += MAX_BLOCK_BYTES;
      at += size;
    } else throw new RangeError('reserved block type');
    if ((header & 1) === 1) return { atMost, end: at };
  }
}
