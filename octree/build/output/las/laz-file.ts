/** A LAZ file of one chunk: a node of an EPT with `laszip`. */
import { encodeChunk, encodeChunkTable } from '../../../laz/index.ts';
import { extraBytesVlr, type LasTotals, lasHead, laszipVlr } from './las-head.ts';
import type { LasLayout } from './las-records.ts';

const TABLE_PLACE_BYTES = 8;

/** `records` are packed by the layout. */
export function lazFile(records: Uint8Array, layout: LasLayout, totals: LasTotals): Uint8Array {
  const chunk = encodeChunk(records, layout.recordBytes, layout.format);
  const head = lasHead({ ...totals, layout, records: [laszipVlr(layout, null), ...extraBytesVlr(layout)] });
  const place = Buffer.alloc(TABLE_PLACE_BYTES);
  place.writeBigInt64LE(BigInt(head.byteLength + TABLE_PLACE_BYTES + chunk.byteLength));
  return Buffer.concat([
    head,
    place,
    chunk,
    encodeChunkTable([{ points: totals.points, bytes: chunk.byteLength }]),
  ]);
}
