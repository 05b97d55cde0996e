/**
 * The frame of a compressed chunk of point formats 6 to 10: one raw record, a point count, the sizes of the
 * layers, the layers. Source: LASzip's layered chunks (compressor 3, items POINT14, RGB14, RGBNIR14,
 * WAVEPACKET14, BYTE14).
 */
import { type PointFormat, type PointRecords, RECORD_BYTES } from './point-format.ts';

/**
 * Layers of POINT14: returns and XY, Z, classification, flags, intensity, scan angle, user data, point
 * source, GPS time.
 */
const POINT_LAYERS = 9;
/** Further layers: colour; near infrared; waveform packets. Each extra byte has one as well. */
const FURTHER_LAYERS: Readonly<Partial<Record<PointFormat, number>>> = { 7: 1, 8: 2, 9: 1, 10: 3 };

/**
 * Checks that the chunk holds `count` points and that its layers fill it exactly. Returns the number of
 * layers. Throws an Error that says what is wrong.
 */
export function checkChunkLayers(bytes: Uint8Array, count: number, records: PointRecords): number {
  const { pointFormat, recordBytes } = records;
  const layers = POINT_LAYERS + (FURTHER_LAYERS[pointFormat] ?? 0) + recordBytes - RECORD_BYTES[pointFormat];
  const sizesAt = recordBytes + 4;
  const at = sizesAt + 4 * layers;
  if (bytes.byteLength < at)
    throw new Error(`${bytes.byteLength} bytes are too few for a chunk of ${layers} layers`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stored = view.getUint32(recordBytes, true);
  // The specification says "remaining points"; writers store the number of all points.
  if (stored !== count && stored !== count - 1)
    throw new Error(`the chunk has ${stored} points instead of ${count}`);
  let total = at;
  for (let layer = 0; layer < layers; layer++) total += view.getUint32(sizesAt + 4 * layer, true);
  if (total !== bytes.byteLength)
    throw new Error(`layers of ${total} bytes in a chunk of ${bytes.byteLength}`);
  return layers;
}
