/**
 * Points in records of a fixed length, one after the other: KITTI, nuScenes, LAS, and the plain binary forms
 * of PCD and PLY.
 */

import { type NumberType, numberReader, type ReadNumber } from '../points/index.ts';
import { InputFile } from './input-file.ts';
import { BATCH_POINTS, PointBatch, type PointReadOptions } from './point-input.ts';

export interface InputField {
  /** Bytes from the start of the record. */
  readonly at: number;
  readonly type: NumberType;
}

/** How a value is taken out of what is stored: bits of a byte, or a multiple. */
interface PackedValue {
  readonly shift?: number;
  readonly mask?: number;
  readonly factor?: number;
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
  /** coordinate = stored * scale + offset; stored values are coordinates where this is left out. */
  readonly transform?: { readonly scale: readonly number[]; readonly offset: readonly number[] };
}

/** Fills `batch` with `count` records that start at `view`'s first byte. */
type DecodeRecords = (view: DataView, count: number, batch: PointBatch) => void;

/** A loop specialised for a layout. */
export function recordDecoder(layout: InputRecord): DecodeRecords {
  const { stride, littleEndian, intensity, transform } = layout;
  const axes = ([layout.x, layout.y, layout.z] as const).map(({ at, type }, axis) => ({
    at,
    read: numberReader(type, littleEndian),
    scale: transform?.scale[axis] ?? 1,
    offset: transform?.offset[axis] ?? 0,
  }));
  const [x, y, z] = [axes[0]!, axes[1]!, axes[2]!];
  const readIntensity = intensity === null ? null : numberReader(intensity.type, littleEndian);
  const intensityAt = intensity?.at ?? 0;
  const attributes = (layout.attributes ?? []).map((field) => ({
    at: field.at,
    read: attributeReader(field, littleEndian),
  }));
  return (view, count, batch) => {
    batch.count = count;
    for (let i = 0, at = 0; i < count; i++, at += stride) {
      batch.x[i] = x.read(view, at + x.at) * x.scale + x.offset;
      batch.y[i] = y.read(view, at + y.at) * y.scale + y.offset;
      batch.z[i] = z.read(view, at + z.at) * z.scale + z.offset;
      if (readIntensity !== null && batch.intensity !== null) {
        batch.intensity[i] = readIntensity(view, at + intensityAt);
      }
    }
    for (const [column, { at, read }] of attributes.entries()) {
      const values = batch.attributes[column]!;
      for (let i = 0, from = at; i < count; i++, from += stride) values[i] = read(view, from);
    }
  };
}

function attributeReader(
  { type, shift = 0, mask, factor }: InputField & PackedValue,
  littleEndian: boolean,
): ReadNumber {
  const read = numberReader(type, littleEndian);
  if (mask !== undefined) return (view, at) => (read(view, at) >> shift) & mask;
  // Old scan angles have one signed byte.
  if (factor !== undefined) return (view, at) => Math.round(view.getInt8(at) * factor);
  return read;
}

/** Bytes that are read at once, whatever the length of a record: at least one record. */
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
