/**
 * Points in records of a fixed length, one after the other: KITTI, nuScenes, LAS, and the plain binary forms
 * of PCD and PLY.
 */
import { InputFile } from '../input-file.ts';
import { BATCH_POINTS, type PointBatch, type PointReadOptions } from '../point-input.ts';
import { type InputRecord, RecordDecoder } from './record-decoder.ts';

/** Bytes that are read at a time, for records of any length; at least one record. */
const READ_BYTES = 4 * 1024 * 1024;

/** Reads `count` records from byte `start` of a file, which the caller has checked to be long enough. */
export async function* readRecords(
  path: string,
  whole: InputRecord,
  { start, count }: { readonly start: number; readonly count: number },
  { signal, attributes = false }: PointReadOptions = {},
): AsyncGenerator<PointBatch> {
  const layout = attributes ? whole : { ...whole, attributes: [] };
  const { stride } = layout;
  if (count === 0) return;
  const perBatch = Math.min(BATCH_POINTS, Math.max(1, Math.floor(READ_BYTES / stride)), count);
  const decoder = new RecordDecoder(layout, perBatch);
  const file = await InputFile.open(path);
  try {
    for (let done = 0; done < count; done += perBatch) {
      signal?.throwIfAborted();
      const records = Math.min(perBatch, count - done);
      await file.read(start + done * stride, records * stride, decoder.bytes);
      yield decoder.decode(records);
    }
  } finally {
    decoder.release();
    await file.close();
  }
}
