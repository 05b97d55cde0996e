/** The layout of a packed record. */
import type { Dimension } from './dimensions.ts';

/** The position of a dimension in a record, and the meaning of its raw value. */
export interface RecordField {
  /** Bytes from the start of the record. */
  readonly at: number;
  readonly type: 'signed' | 'unsigned' | 'float';
  readonly size: number;
  readonly scale: number;
  readonly offset: number;
  /** The relevant bits, if others share the byte. Default: all. */
  readonly mask?: number;
}

/** The fields of a packed record. */
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

/** The fields of each dimension: one, or three for the colour. */
export type DimensionFields = Readonly<Partial<Record<Dimension, readonly RecordField[]>>>;
