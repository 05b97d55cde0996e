/** Where the values of a point lie in a packed record. */
import type { Dimension } from './dimensions.ts';

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

/** Where dimensions lie in a packed record: one field, of the colour three. */
export type DimensionFields = Readonly<Partial<Record<Dimension, readonly RecordField[]>>>;
