/**
 * Positions and intensities of a chunk of point formats 6 to 8, and nothing else of it: the layers of all other dimensions are passed over.
 * Source: LASzip specification for LAS 1.4 (layered chunks, POINT14 version 3).
 */
import { type ChunkFormat, readChunkLayers } from '../chunk-layers.ts';
import { decodePlane } from './plane-layer.ts';
import { decodeHeights, decodeIntensities } from './value-layers.ts';

export interface ChunkColumns {
  readonly x: Int32Array<ArrayBuffer>;
  readonly y: Int32Array<ArrayBuffer>;
  readonly z: Int32Array<ArrayBuffer>;
  readonly intensity: Uint16Array<ArrayBuffer>;
}

const PLANE_LAYER = 0;
const HEIGHT_LAYER = 1;
const INTENSITY_LAYER = 4;

/** Decodes a chunk of exactly `count` (1 or more) points. Throws an Error if a layer does not end with its last point. */
export function decodeLayers(bytes: Uint8Array, count: number, format: ChunkFormat): ChunkColumns {
  const { sizes, at } = readChunkLayers(bytes, count, format);
  const layer = (index: number) => {
    const from = sizes.slice(0, index).reduce((sum, size) => sum + size, at);
    return bytes.subarray(from, from + sizes[index]!);
  };
  const record = new DataView(bytes.buffer, bytes.byteOffset, format.recordBytes);
  const x = new Int32Array(count);
  const y = new Int32Array(count);
  const z = new Int32Array(count);
  const intensity = new Uint16Array(count);
  x[0] = record.getInt32(0, true);
  y[0] = record.getInt32(4, true);
  z[0] = record.getInt32(8, true);
  intensity[0] = record.getUint16(12, true);
  const traits = decodePlane(layer(PLANE_LAYER), record, x, y);
  decodeHeights(layer(HEIGHT_LAYER), traits, z);
  decodeIntensities(layer(INTENSITY_LAYER), traits, intensity);
  return { x, y, z, intensity };
}
