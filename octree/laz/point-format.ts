/**
 * The point data record formats. 4, 5, 9 and 10 have waveforms, which are not read. Source: ASPRS LAS 1.4
 * R15.
 */

/** Bytes of a record of each format, without extra bytes. */
export const RECORD_BYTES = {
  0: 20,
  1: 28,
  2: 26,
  3: 34,
  4: 57,
  5: 63,
  6: 30,
  7: 36,
  8: 38,
  9: 59,
  10: 67,
} as const;

/** Those with red, green and blue. */
export const HAS_COLOUR: ReadonlySet<number> = new Set([2, 3, 5, 7, 8, 10]);

export type PointFormat = keyof typeof RECORD_BYTES;

export function isPointFormat(format: number): format is PointFormat {
  return format in RECORD_BYTES;
}

/** LAZ stores formats 6 and up in one layer per dimension, the others point by point. */
export function isLayered(format: PointFormat): format is 6 | 7 | 8 | 9 | 10 {
  return format >= 6;
}

/** The records of a file or cloud. */
export interface PointRecords {
  readonly pointFormat: PointFormat;
  /** Bytes of one record, extra bytes included. */
  readonly recordBytes: number;
  /**
   * Version of the items of a layered record (`laszip-record.ts`), 2 to 4. Default: 3, which nearly all
   * writers use.
   */
  readonly itemVersion?: number | undefined;
}
