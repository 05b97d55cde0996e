/** The points of a node in memory: exact and compact. */

import type { Bounds, Vec3 } from '../geometry/index.ts';
import type { Channel } from './channel.ts';
import type { Dimensions } from './dimensions.ts';

/** Memory for the points of a node: a buffer of at least so many bytes, with any content. */
export type AllocatePoints = (bytes: number) => ArrayBuffer;

export type AxisArray = Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/**
 * The points of a node. A coordinate is `raw * scale + offset` in float64, which is exactly the stored value:
 * 32-bit integers if the source has integers that fit, otherwise float64 with scale 1 and offset 0.
 */
export interface DecodedNode {
  readonly count: number;
  readonly x: AxisArray;
  readonly y: AxisArray;
  readonly z: AxisArray;
  readonly scale: Vec3;
  readonly offset: Vec3;
  /** The tight bounds of the points; null if there are none. */
  readonly bounds: Bounds | null;
  /** null if the cloud has none. */
  readonly intensity: Channel | null;
  /** The requested dimensions that the cloud has; missing if none were requested. */
  readonly dimensions?: Dimensions;
}

/** Bytes of the memory of a decoded node. */
export function decodedBytes(node: DecodedNode): number {
  return decodedBuffers(node).reduce((total, { byteLength }) => total + byteLength, 0);
}

/** The buffers of a decoded node, for transfer to another thread. Nothing else lies in them. */
export function decodedBuffers({ x, y, z, intensity, dimensions = {} }: DecodedNode): ArrayBuffer[] {
  const buffers = [x.buffer, y.buffer, z.buffer, ...Object.values(dimensions).map(({ raw }) => raw.buffer)];
  if (intensity !== null) buffers.push(intensity.raw.buffer);
  return [...new Set(buffers)];
}
