/** The task of decoding one node. Plain data, passed between threads. */

import type { Bounds } from '../geometry/index.ts';
import type { Dimension, RecordLayout } from '../points/index.ts';
import type { ChunkEncoding } from './decode-copc-chunk.ts';
import type { PlaneLayout } from './decode-potree2-planes.ts';

export type NodeEncoding =
  | { readonly kind: 'records'; readonly compression: 'none' | 'zstandard'; readonly layout: RecordLayout }
  | { readonly kind: 'laz' }
  | ({ readonly kind: 'copc-chunk' } & ChunkEncoding)
  | { readonly kind: 'potree1-bin'; readonly layout: RecordLayout }
  | { readonly kind: 'potree1-las' }
  | { readonly kind: 'potree2-planes'; readonly layout: PlaneLayout };

export interface DecodeJob {
  readonly encoding: NodeEncoding;
  /** The node's stored bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Number of points according to the hierarchy. */
  readonly count: number;
  /** All points must lie in these bounds: the cube of the node, extended by the pad of the cloud. */
  readonly within: Bounds;
  /** Dimensions to decode besides position and intensity, if the node has them. Default: none. */
  readonly dimensions?: readonly Dimension[];
}
