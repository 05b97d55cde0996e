/** The point data record formats that are read. 4, 5, 9 and 10 carry waveforms. Source: ASPRS LAS 1.4 R15. */

/** Bytes of a record of each format, without extra bytes. */
export const RECORD_BYTES = { 0: 20, 1: 28, 2: 26, 3: 34, 6: 30, 7: 36, 8: 38 } as const;

export type PointFormat = keyof typeof RECORD_BYTES;

export function isPointFormat(format: number): format is PointFormat {
  return format in RECORD_BYTES;
}

/** LAZ stores formats 6 and up in a layer for each dimension, the others point by point. */
export function isLayered(format: PointFormat): format is 6 | 7 | 8 {
  return format >= 6;
}

/** The records of a file or cloud. */
export interface PointRecords {
  readonly pointFormat: PointFormat;
  /** Bytes of one record, extra bytes included. */
  readonly recordBytes: number;
  /** Version of the items that a layered record is compressed by (`laszip-record.ts`), 2 to 4. Default: 3, which nearly all writers write. */
  readonly itemVersion?: number | undefined;
}
