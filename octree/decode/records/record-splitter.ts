/**
 * Runs wasm/records.wasm: copies packed records in, batch by batch, and their columns out, in less than half
 * of the time that a loop in JavaScript takes (docs/speed.md).
 */
import { readFileSync } from 'node:fs';
import { WebAssembly } from '../../../cache/foundation/index.ts';
import type { Extent } from '../../points/index.ts';

/** The exports of records.c, documented there. Pointers are offsets in `memory`, bytes. */
interface RecordsExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  records(): number;
  axes(): number;
  field(): number;
  extents(): number;
  batch_bytes(): number;
  batch_records(): number;
  begin(): void;
  split_axis(axis: number, count: number, stride: number, at: number): void;
  split_field(count: number, stride: number, at: number, size: number): void;
}

/** An int32 axis: where it lies in a record, bytes, and where its values go. */
export interface SplitAxis {
  readonly at: number;
  readonly into: Int32Array;
}

/** Another field: where it lies, its bytes, and where they go. */
export interface SplitField {
  readonly at: number;
  readonly size: 1 | 2 | 4;
  readonly into: Uint8Array;
}

/** Smallest and largest value of x, y and z. */
export type AxisExtents = readonly [Extent, Extent, Extent];

/** All calls are synchronous, so a thread needs one instance. */
export class RecordSplitter {
  readonly #exports: RecordsExports;
  readonly #records: Uint8Array;
  readonly #axes: readonly Int32Array[];
  readonly #field: Uint8Array;
  readonly #extents: Int32Array;
  readonly #batchRecords: number;

  static #shared: RecordSplitter | null = null;

  /** The instance of this thread, created at the first use. */
  static get shared(): RecordSplitter {
    RecordSplitter.#shared ??= new RecordSplitter();
    return RecordSplitter.#shared;
  }

  constructor() {
    const module = new WebAssembly.Module(readFileSync(new URL('./wasm/records.wasm', import.meta.url)));
    const exports = new WebAssembly.Instance(module).exports as RecordsExports;
    const { buffer } = exports.memory;
    const most = exports.batch_records();
    this.#exports = exports;
    this.#batchRecords = most;
    this.#records = new Uint8Array(buffer, exports.records(), exports.batch_bytes());
    this.#axes = [0, 1, 2].map((axis) => new Int32Array(buffer, exports.axes() + 4 * axis * most, most));
    this.#field = new Uint8Array(buffer, exports.field(), 4 * most);
    this.#extents = new Int32Array(buffer, exports.extents(), 6);
  }

  /** Whether records of so many bytes fit. */
  takes(stride: number): boolean {
    return stride <= this.#records.length;
  }

  /**
   * Splits `count` records of `stride` bytes, at least one, into columns of that length.
   * @param axes x, y and z
   */
  split(
    bytes: Uint8Array,
    count: number,
    stride: number,
    axes: readonly [SplitAxis, SplitAxis, SplitAxis],
    field: SplitField | null,
  ): AxisExtents {
    const exports = this.#exports;
    const batch = Math.min(this.#batchRecords, Math.floor(this.#records.length / stride));
    exports.begin();
    for (let first = 0; first < count; first += batch) {
      const now = Math.min(batch, count - first);
      this.#records.set(bytes.subarray(first * stride, (first + now) * stride));
      for (const axis of [0, 1, 2] as const) {
        exports.split_axis(axis, now, stride, axes[axis].at);
        axes[axis].into.set(this.#axes[axis]!.subarray(0, now), first);
      }
      if (field === null) continue;
      exports.split_field(now, stride, field.at, field.size);
      field.into.set(this.#field.subarray(0, now * field.size), first * field.size);
    }
    const extent = (axis: number): Extent => [this.#extents[2 * axis]!, this.#extents[2 * axis + 1]!];
    return [extent(0), extent(1), extent(2)];
  }
}
