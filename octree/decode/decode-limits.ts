/** Limits for decoding one node, checked before memory is allocated. */
import { nodeSizeProblem } from '../hierarchy/index.ts';
import { lazMemoryBytes, RECORD_BYTES } from '../laz/index.ts';
import { scannerMemoryBytes } from '../regions/scan/index.ts';
import { zstdMemoryBytes } from '../zstd/index.ts';
import type { DecodeJob } from './decode-job.ts';

/** x, y, z as 32-bit integers and a 16-bit intensity; as 64-bit floats where the integers do not fit. */
const DECODED_POINT_BYTES = 14;
const DECODED_FLOAT_POINT_BYTES = 28;
/** Colour, classification and return number. */
const DIMENSION_BYTES = 8;

/** The parts of a job that determine its memory. */
export type SizedJob = Pick<DecodeJob, 'encoding' | 'bytes' | 'count' | 'dimensions'>;

/** Throws an Error that says which limit the node exceeds. */
export function checkDecodeLimits({ encoding, bytes, count }: SizedJob): void {
  const problem = nodeSizeProblem({
    points: count,
    stored: bytes.byteLength,
    unpacked: unpackedBytes(encoding, count),
    packing: !isPacked(encoding) ? 'plain' : holdsUnpacked(encoding) ? 'whole' : 'piecewise',
  });
  if (problem !== null) throw new Error(problem);
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
