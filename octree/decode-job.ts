/** What a decode worker is told about a node. Plain data: it travels between threads. */
import type { Bounds } from './bounds.ts';
import type { ChunkEncoding } from './copc/decode-chunk.ts';
import type { Dimension, DimensionFields } from './dimensions.ts';
import type { PlaneLayout } from './potree2/decode-planes.ts';

/** Where a dimension lies in a packed record, and what its raw value means. */
export interface RecordField {
  /** Bytes from the start of the record. */
  readonly at: number;
  readonly type: 'signed' | 'unsigned' | 'float';
  readonly size: number;
  readonly scale: number;
  readonly offset: number;
  /** The bits that count, where others share its byte. Default: all. */
  readonly mask?: number;
}

/** Packed records: how to take the points out of them. */
export interface RecordLayout {
  /** Bytes of one record. */
  readonly stride: number;
  readonly x: RecordField;
  readonly y: RecordField;
  readonly z: RecordField;
  readonly intensity: RecordField | null;
  /** Those that the records have. */
  readonly dimensions?: DimensionFields;
}

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
