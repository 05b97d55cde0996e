/** Points in records of a fixed length to columns: runs wasm/unpack.wasm. */
import {
  NUMBER_ARRAYS,
  NUMBER_BYTES,
  type NumberColumn,
  type NumberType,
  readColumn,
} from '../../points/index.ts';
import type { PointBatch } from '../point-input.ts';
import { UnpackMemory } from './unpack-memory.ts';

export interface InputField {
  /** Bytes from the start of the record. */
  readonly at: number;
  readonly type: NumberType;
}

/** How a value is extracted from the stored number. */
interface PackedValue {
  /** Of uint8: some of its bits. */
  readonly shift?: number;
  readonly mask?: number;
  /** Of int8: a multiple, rounded to 16 bits. */
  readonly factor?: number;
  /** value = stored * scale + offset. */
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

/** Reads a field of the first `count` records into its column. */
type ReadField = (count: number) => void;

/** Of a value in a column, at most. */
const VALUE_BYTES = 8;

export class RecordDecoder {
  /** For the records. */
  readonly bytes: Uint8Array;
  readonly #layout: InputRecord;
  readonly #memory: UnpackMemory;
  readonly #batch: PointBatch;
  readonly #fields: readonly ReadField[];

  /** For up to `capacity` records at a time. `release` it at the end. */
  constructor(layout: InputRecord, capacity: number) {
    const { intensity, attributes = [], stride, transform } = layout;
    const columns = 3 + (intensity === null ? 0 : 1) + attributes.length;
    this.#layout = layout;
    const memory = new UnpackMemory(capacity * (stride + VALUE_BYTES * columns), columns + 1);
    this.#memory = memory;
    this.bytes = new Uint8Array(memory.buffer, memory.take(capacity * stride), capacity * stride);
    const axes = [layout.x, layout.y, layout.z].map((field, axis) => {
      const column = new Float64Array(memory.buffer, memory.take(VALUE_BYTES * capacity), capacity);
      const [scale, offset] = [transform?.scale[axis] ?? 1, transform?.offset[axis] ?? 0];
      return { column, read: this.#readerOf({ ...field, scale, offset }, column) };
    });
    const others = [intensity, ...attributes].map((field) => {
      if (field === null) return null;
      const column = this.#columnFor(field, capacity);
      return { column, read: this.#readerOf(field, column) };
    });
    this.#fields = [...axes, ...others].flatMap((field) => field?.read ?? []);
    this.#batch = {
      count: 0,
      x: axes[0]!.column,
      y: axes[1]!.column,
      z: axes[2]!.column,
      intensity: others[0]?.column ?? null,
      attributes: others.slice(1).map((field) => field!.column),
    };
  }

  /** The first `count` records of `bytes`. The batch is valid until the next call or `release`. */
  decode(count: number): PointBatch {
    for (const read of this.#fields) read(count);
    this.#batch.count = count;
    return this.#batch;
  }

  /** Gives the memory back. The decoder and its last batch must not be used any more. */
  release(): void {
    this.#memory.release();
  }

  /** Of the stored type, where values are stored as they are and the module reads them. */
  #columnFor(field: InputField & PackedValue, capacity: number): NumberColumn {
    const at = this.#memory.take(VALUE_BYTES * capacity);
    const type = field.factor !== undefined ? 'int16' : !isScaled(field) && this.#plainType(field);
    return new NUMBER_ARRAYS[type || 'float64'](this.#memory.buffer, at, capacity);
  }

  /** The type of a field that the module reads, null if it does not. */
  #plainType({ type }: InputField): Exclude<NumberType, 'int64' | 'uint64'> | null {
    if (type === 'int64' || type === 'uint64') return null;
    return this.#layout.littleEndian || NUMBER_BYTES[type] === 1 ? type : null;
  }

  #readerOf(field: InputField & PackedValue, column: NumberColumn): ReadField {
    const { shift = 0, mask, factor, scale = 1, offset = 0 } = field;
    const { bits, multiples, scaled_int32: scaled, widen_float32: widen, ...copies } = this.#memory.exports;
    const { stride, littleEndian } = this.#layout;
    const [from, to] = [this.bytes.byteOffset + field.at, column.byteOffset];
    if (mask !== undefined) return (count) => bits(count, from, stride, to, shift, mask);
    if (factor !== undefined) return (count) => multiples(count, from, stride, to, factor);
    const type = this.#plainType(field);
    if (type === 'int32' && column instanceof Float64Array)
      return (count) => scaled(count, from, stride, to, scale, offset);
    if (!isScaled(field)) {
      if (type === 'float32' && column instanceof Float64Array)
        return (count) => widen(count, from, stride, to);
      if (type !== null && column instanceof NUMBER_ARRAYS[type]) {
        const copy = copies[`copy_${NUMBER_BYTES[type] as 1 | 2 | 4 | 8}`];
        return (count) => copy(count, from, stride, to);
      }
    }
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
    return (count) => {
      readColumn(view, field, { stride, littleEndian, count }, column as Float64Array);
      if (isScaled(field)) for (let i = 0; i < count; i++) column[i] = column[i]! * scale + offset;
    };
  }
}

function isScaled({ scale = 1, offset = 0 }: PackedValue): boolean {
  return scale !== 1 || offset !== 0;
}
