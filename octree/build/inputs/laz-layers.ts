/**
 * The layers of a chunk of LASzip compressor 3 (point formats 6-8): a whole record, the number of points, the bytes of each layer, then
 * the layers. Source: LASzip, lasreaditemcompressed_v3: 9 layers of the point, 1 of RGB or 2 of RGB and NIR, 1 for each extra byte.
 */
import { RECORD_BYTES } from './las-header.ts';
import type { LazHeader } from './laz-chunks.ts';
import { badInput } from './point-input.ts';

const COLOUR_LAYERS: Readonly<Record<number, number>> = { 6: 0, 7: 1, 8: 2 };
const POINT_LAYERS = 9;

/** Throws if a chunk's layers do not fill it exactly: the decoder itself would read on behind its end. */
export function checkLayers(bytes: Uint8Array, points: number, header: LazHeader, name: string): void {
  const { pointFormat, recordBytes } = header;
  const colours = COLOUR_LAYERS[pointFormat];
  if (colours === undefined) throw badInput(name, `point format ${pointFormat} has no layers`);
  const layers = POINT_LAYERS + colours + (recordBytes - RECORD_BYTES[pointFormat]!);
  const sizesAt = recordBytes + 4;
  const layersAt = sizesAt + 4 * layers;
  if (bytes.length < layersAt) throw badInput(name, `is cut off: it has ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const promised = view.getUint32(recordBytes, true);
  if (promised !== points)
    throw badInput(name, `says it has ${promised} points, the chunk table says ${points}`);
  let total = layersAt;
  for (let layer = 0; layer < layers; layer++) total += view.getUint32(sizesAt + 4 * layer, true);
  if (total !== bytes.length) throw badInput(name, `has ${bytes.length} bytes, its layers need ${total}`);
}
