/** What decoding one node may take, checked before memory is taken for it. */
import { MAX_NODE_POINTS } from '../hierarchy/index.ts';
import { lazMemoryBytes, RECORD_BYTES } from '../laz/index.ts';
import { scannerMemoryBytes } from '../regions/scan/index.ts';
import { zstdMemoryBytes } from '../zstd/index.ts';
import type { DecodeJob } from './decode-job.ts';

/** Unpacked bytes of one node. Ten million points of plain coordinates have 120 MB. */
export const MAX_UNPACKED_BYTES = 128 * 1024 * 1024;
/** Points pack by 2 to 20. A node that unpacks to more than so many times its stored bytes is made to take memory, ... */
const MAX_EXPANSION = 1000;
/** ... unless it is small all the same. */
const ALWAYS_ALLOWED_BYTES = 4 * 1024 * 1024;
/** x, y, z as 32-bit integers and a 16-bit intensity; as 64-bit floats where the integers do not fit. */
const DECODED_POINT_BYTES = 14;
const DECODED_FLOAT_POINT_BYTES = 28;
/** Colour, classification and return number. */
const DIMENSION_BYTES = 8;

/** What of a job its size depends on. */
export type SizedJob = Pick<DecodeJob, 'encoding' | 'bytes' | 'count' | 'dimensions'>;

/** Throws an Error that says which limit the node passes. */
export function checkDecodeLimits({ encoding, bytes, count }: SizedJob): void {
  if (count > MAX_NODE_POINTS) throw new Error(`${count} points are more than ${MAX_NODE_POINTS}`);
  const stored = bytes.byteLength;
  const unpacked = unpackedBytes(encoding, count);
  if (holdsUnpacked(encoding) && unpacked > MAX_UNPACKED_BYTES)
    throw new Error(`${count} points take ${unpacked} bytes unpacked, more than ${MAX_UNPACKED_BYTES}`);
  if (isPacked(encoding) && unpacked > ALWAYS_ALLOWED_BYTES && unpacked > stored * MAX_EXPANSION)
    throw new Error(`${count} points are more than ${stored} bytes can hold`);
}

/** The most memory that decoding the node takes beside its stored bytes: unpacked content, decoder, decoded points. */
export function decodeMemoryBytes({ encoding, bytes, count, dimensions = [] }: SizedJob): number {
  const isFloat = 'layout' in encoding && 'x' in encoding.layout && encoding.layout.x.type === 'float';
  const perPoint =
    (isFloat ? DECODED_FLOAT_POINT_BYTES : DECODED_POINT_BYTES) +
    (dimensions.length > 0 ? DIMENSION_BYTES : 0);
  const unpacked = holdsUnpacked(encoding) ? unpackedBytes(encoding, count) : 0;
  const copied = isPacked(encoding) ? bytes.byteLength : 0;
  return copied + unpacked + count * perPoint;
}

/** WebAssembly memory that the decoders and the scanner of this thread hold now. */
export function decoderHeapBytes(): number {
  return zstdMemoryBytes() + lazMemoryBytes() + scannerMemoryBytes();
}

/** Bytes of so many points before they were packed. */
function unpackedBytes(encoding: DecodeJob['encoding'], count: number): number {
  switch (encoding.kind) {
    case 'records':
    case 'potree1-bin':
    case 'potree2-planes':
      return count * encoding.layout.stride;
    case 'copc-chunk':
      return count * encoding.recordBytes;
    default:
      // Its header says how many there are; no point format has less.
      return count * RECORD_BYTES[0];
  }
}

/** True if the content is unpacked as a whole before points are taken out of it. */
function holdsUnpacked(encoding: DecodeJob['encoding']): boolean {
  return (
    encoding.kind === 'potree2-planes' ||
    (encoding.kind === 'records' && encoding.compression === 'zstandard')
  );
}

function isPacked(encoding: DecodeJob['encoding']): boolean {
  return encoding.kind !== 'potree1-bin' && !(encoding.kind === 'records' && encoding.compression === 'none');
}
