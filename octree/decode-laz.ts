/** A whole LAZ (or LAS) file as a node: EPT `laszip`, Potree 1 LAS and LAZ. Its own header counts, not the cloud's schema. */
import type { LazPerf } from 'laz-perf';
import type { RecordField, RecordLayout } from './decode-job.ts';
import { decodeRecords } from './decode-records.ts';
import type { DecodedNode } from './decoded-node.ts';
import { type LasHeader, parseLasHeader } from './las-header.ts';
import { withLazPerf } from './laz-perf.ts';
import { tightBounds } from './tight-bounds.ts';

/** In every point format, x, y and z are the first three 32-bit integers and intensity follows them. */
const INTENSITY_AT = 12;

/** Decodes a file that must have `count` points. Throws an Error that says what does not fit. */
export async function decodeLaz(bytes: Uint8Array, count: number): Promise<DecodedNode> {
  const header = parseLasHeader(bytes);
  if (header.count !== count) throw new Error(`the file has ${header.count} points instead of ${count}`);
  if (!header.isCompressed) return decodeRecords(records(bytes, header), count, layoutOf(header));
  return withLazPerf((lazPerf) => decompress(lazPerf, bytes, header));
}

function decompress(lazPerf: LazPerf, bytes: Uint8Array, header: LasHeader): DecodedNode {
  const { count, scale, offset, recordLength } = header;
  const x = new Int32Array(count);
  const y = new Int32Array(count);
  const z = new Int32Array(count);
  const intensity = new Uint16Array(count);
  const input = lazPerf._malloc(bytes.byteLength);
  const record = lazPerf._malloc(recordLength);
  if (input === 0 || record === 0) throw new Error(`no room for ${bytes.byteLength} bytes of LAZ`);
  lazPerf.HEAPU8.set(bytes, input);
  const reader = new lazPerf.LASZip();
  reader.open(input, bytes.byteLength);
  if (reader.getPointLength() !== recordLength)
    throw new Error('the decoder sees other records than the header');

  // Aligned by malloc. Whenever the decoder grows its memory, views of the old one have no length any more.
  let ints = lazPerf.HEAP32;
  let shorts = lazPerf.HEAPU16;
  const at = record >> 2;
  const intensityAt = (record + INTENSITY_AT) >> 1;
  for (let i = 0; i < count; i++) {
    reader.getPoint(record);
    if (ints.length === 0) {
      ints = lazPerf.HEAP32;
      shorts = lazPerf.HEAPU16;
    }
    x[i] = ints[at]!;
    y[i] = ints[at + 1]!;
    z[i] = ints[at + 2]!;
    intensity[i] = shorts[intensityAt]!;
  }
  reader.delete();
  lazPerf._free(record);
  lazPerf._free(input);
  const bounds = tightBounds(x, y, z, scale, offset);
  return { count, x, y, z, scale, offset, bounds, intensity: { raw: intensity, scale: 1, offset: 0 } };
}

function records(bytes: Uint8Array, { pointsAt, count, recordLength }: LasHeader): Uint8Array {
  const end = pointsAt + count * recordLength;
  if (end > bytes.byteLength) throw new Error(`${bytes.byteLength} bytes are too few for ${count} points`);
  return bytes.subarray(pointsAt, end);
}

function layoutOf({ recordLength, scale, offset }: LasHeader): RecordLayout {
  const axis = (i: 0 | 1 | 2): RecordField => ({
    at: 4 * i,
    type: 'signed',
    size: 4,
    scale: scale[i],
    offset: offset[i],
  });
  const intensity: RecordField = { at: INTENSITY_AT, type: 'unsigned', size: 2, scale: 1, offset: 0 };
  return { stride: recordLength, x: axis(0), y: axis(1), z: axis(2), intensity };
}
