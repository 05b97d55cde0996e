/**
 * Points in records of a fixed length, one after the other: KITTI, nuScenes, LAS, and the plain binary forms
 * of PCD and PLY.
 */

import { type NumberType, readColumn } from '../points/index.ts';
import { InputFile } from './input-file.ts';
import { BATCH_POINTS, PointBatch, type PointReadOptions } from './point-input.ts';

export interface InputField {
  /** Bytes from the start of the record. */
  readonly at: number;
  readonly type: NumberType;
}

/** How a value is extracted from the stored number: some of its bits, a rounded multiple, or scaled. */
interface PackedValue {
  readonly shift?: number;
  readonly mask?: number;
  readonly factor?: number;
  readonly scale?: number;
  readonly offset?: number;
}

export interface InputRecord {
  /** Bytes from one record to the next. */
  readonly stride: number;
  readonly littleEndian: boolean;
  readonly x: InputField;
  readonly y: InputField;
  readonly z: InputField;
  readonly intensity: InputField | null;
  readonly attributes?: readonly (InputField & PackedValue)[];
  /** coordinate = stored * scale + offset; if missing, stored values are coordinates. */
  readonly transform?: { readonly scale: readonly number[]; readonly offset: readonly number[] };
}

/** Fills `batch` with `count` records that start at `view`'s first byte. */
type DecodeRecords = (view: DataView, count: number, batch: PointBatch) => void;

/** A loop for each dimension of a layout. */
export function recordDecoder(layout: InputRecord): DecodeRecords {
  const { stride, littleEndian, intensity, transform, attributes = [] } = layout;
  const column = (field: InputField & PackedValue) => {
    const { at, type, shift = 0, mask, factor, scale = 1, offset = 0 } = field;
    return (view: DataView, count: number, to: Float64Array) => {
      if (mask !== undefined && type === 'uint8') {
        for (let i = 0, from = at; i < count; i++, from += stride)
          to[i] = (view.getUint8(from) >> shift) & mask;
        return;
      }
      readColumn(view, field, { stride, littleEndian, count }, to);
      if (mask !== undefined) for (let i = 0; i < count; i++) to[i] = (to[i]! >> shift) & mask;
      // Old scan angles have one signed byte.
      else if (factor !== undefined)
        for (let i = 0; i < count; i++) to[i] = Math.round(view.getInt8(field.at + i * stride) * factor);
      else if (scale !== 1 || offset !== 0) for (let i = 0; i < count; i++) to[i] = to[i]! * scale + offset;
    };
  };
  const axes = [layout.x, layout.y, layout.z].map(column);
  const readIntensity = intensity === null ? null : column(intensity);
  const readAttributes = attributes.map(column);
  return (view, count, batch) => {
    batch.count = count;
    for (const [axis, to] of [batch.x, batch.y, batch.z].entries()) {
      axes[axis]!(view, count, to);
      if (transform === undefined) continue;
      const [scale, offset] = [transform.scale[axis]!, transform.offset[axis]!];
      for (let i = 0; i < count; i++) to[i] = to[i]! * scale + offset;
    }
    if (batch.intensity !== null) readIntensity?.(view, count, batch.intensity);
    for (const [index, read] of readAttributes.entries()) read(view, count, batch.attributes[index]!);
  };
}

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
  const batch = PointBatch.allocate(perBatch, layout.intensity !== null, layout.attributes?.length);
  const decode = recordDecoder(layout);
  const bytes = new Uint8Array(perBatch * stride);
  const view = new DataView(bytes.buffer);
  const file = await InputFile.open(path);
  try {
    for (let done = 0; done < count; done += batch.count) {
      signal?.throwIfAborted();
      const records = Math.min(perBatch, count - done);
      await file.read(start + done * stride, records * stride, bytes);
      decode(view, records, batch);
      yield batch;
    }
  } finally {
    await file.close();
  }
}
