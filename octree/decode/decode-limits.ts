/** Limits for decoding one node, checked before memory is allocated. */
import { MAX_NODE_POINTS } from '../hierarchy/index.ts';
import { lazMemoryBytes, RECORD_BYTES } from '../laz/index.ts';
import { scannerMemoryBytes } from '../regions/scan/index.ts';
import { zstdMemoryBytes } from '../zstd/index.ts';
import type { DecodeJob } from './decode-job.ts';

/** Unpacked bytes of one node. Ten million points with plain coordinates take 120 MB. */
const MAX_UNPACKED_BYTES = 128 * 1024 * 1024;
/** Real points compress by a factor of 2 to 20. A node that expands by more than this is hostile ... */
const MAX_EXPANSION = 1000;
/** ... unless it is small: nodes up to this size may compress as well as they like, bytes. */
const ALWAYS_ALLOWED_BYTES = 4 * 1024 * 1024;
/** x, y, z as 32-bit integers and a 16-bit intensity; as 64-bit floats where the integers do not fit. */
const DECODED_POINT_BYTES = 14;
const DECODED_FLOAT_POINT_BYTES = 28;
/** Colour, classification and return number. */
const DIMENSION_BYTES = 8;

/** The parts of a job that determine its memory. */
export type SizedJob = Pick<DecodeJob, 'encoding' | 'bytes' | 'count' | 'dimensions'>;

/** Throws an Error that says which limit the node exceeds. */
export function checkDecodeLimits({ encoding, bytes, count }: SizedJob): void {
  if (count > MAX_NODE_POINTS) throw new Error(`${count} points are more than ${MAX_NODE_POINTS}`);
  const stored = bytes.byteLength;
  const unpacked = unpackedBytes(encoding, count);
  if (holdsUnpacked(encoding) && unpacked > MAX_UNPACKED_BYTES)
    throw new Error(`${count} points take ${unpacked} bytes unpacked, more than ${MAX_UNPACKED_BYTES}`);
  if (isPacked(encoding) && unpacked > ALWAYS_ALLOWED_BYTES && unpacked > stored * MAX_EXPANSION)
    throw new Error(`${count} points are more than ${stored} bytes can hold`);
}

/**
 * Upper bound for the memory that decoding takes besides the stored bytes: unpacked content, decoder and
 * points, bytes.
 */
export function decodeMemoryBytes({ encoding, bytes, count, dimensions = [] }: SizedJob): number {
  const isFloat = 'layout' in encoding && 'x' in encoding.layout && encoding.layout.x.type === 'float';
  const perPoint =
    (isFloat ? DECODED_FLOAT_POINT_BYTES : DECODED_POINT_BYTES) +
    (dimensions.length > 0 ? DIMENSION_BYTES : 0);
  const unpacked = holdsUnpacked(encoding) ? unpackedBytes(encoding, count) : 0;
  const copied = isPacked(encoding) ? bytes.byteLength : 0;
  return copied + unpacked + count * perPoint;
}

/** WebAssembly memory that the decoders and the scanner of this thread hold now, bytes. */
export function decoderHeapBytes(): number {
  return zstdMemoryBytes() + lazMemoryBytes() + scannerMemoryBytes();
}

/** Unpacked bytes of `count` points. */
function unpackedBytes(encoding: DecodeJob['encoding'], count: number): number {
  switch (encoding.kind) {
    case 'records':
    case 'potree1-bin':
    case 'potree2-planes':
      return count * encoding.layout.stride;
    case 'copc-chunk':
      return count * encoding.recordBytes;
    default:
      // The header of the file says how many; no point format has fewer.
      return count * RECORD_BYTES[0];
  }
}

/** True if the unpacked content is held as a whole while it is decoded. */
function holdsUnpacked(encoding: DecodeJob['encoding']): boolean {
  return (
    encoding.kind === 'potree2-planes' ||
    (encoding.kind === 'records' && encoding.compression === 'zstandard')
  );
}

function isPacked(encoding: DecodeJob['encoding']): boolean {
  return encoding.kind !== 'potree1-bin' && !(encoding.kind === 'records' && encoding.compression === 'none');
}
