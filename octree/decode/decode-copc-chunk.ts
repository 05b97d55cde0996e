/** Chunks of a COPC file: bare compressed points, no header. */
import type { Vec3 } from '../geometry/index.ts';
import { decodeChunks, type PointRecords } from '../laz/index.ts';
import type { DecodedNode, Dimension } from '../points/index.ts';
import { tightBounds } from '../points/index.ts';
import { lazDimensions, wantedColumns } from './laz-dimensions.ts';

/** How the chunks of a cloud are encoded. Plain data, passed between threads. */
export interface ChunkEncoding extends PointRecords {
  readonly scale: Vec3;
  readonly offset: Vec3;
}

/** Decodes a chunk of exactly `count` points. Throws an Error that says what is wrong. */
export function decodeChunk(
  bytes: Uint8Array,
  count: number,
  encoding: ChunkEncoding,
  wanted: readonly Dimension[] = [],
): DecodedNode {
  const { scale, offset } = encoding;
  const columns = decodeChunks([{ bytes, points: count }], encoding, wantedColumns(wanted));
  const { x, y, z, intensity } = columns;
  const bounds = tightBounds(x, y, z, scale, offset);
  const node = { count, x, y, z, scale, offset, bounds, intensity: { raw: intensity!, scale: 1, offset: 0 } };
  return wanted.length === 0 ? node : { ...node, dimensions: lazDimensions(columns) };
}
