/** What a decode worker is told about a node. Plain data: it travels between threads. */

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
  /** Points that the hierarchy promises. */
  readonly count: number;
  /** Where all of them must lie: the node's cube, grown by the cloud's pad. */
  readonly within: Bounds;
  /** What to decode besides position and intensity, where the node has it. Default: nothing. */
  readonly dimensions?: readonly Dimension[];
}
