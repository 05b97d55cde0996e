/**
 * Runs wasm/records.wasm: the records of nodes, with the points of a node sorted by intensity and then by
 * height. EPT does not define their order. In this one they compress a tenth better.
 */
import { readFileSync } from 'node:fs';
import { WebAssembly } from '../../../../cache/foundation/index.ts';
import { BuildColumns } from '../../points/index.ts';

/** The exports of records.c, documented there. Pointers are offsets in `memory`, bytes. */
interface NodeRecordsExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  heap(): number;
  number(points: number, order: number): void;
  sort(
    points: number,
    intensity: number,
    bytes: number,
    z: number,
    keys: number,
    order: number,
    other: number,
  ): number;
  pack_1: Pack;
  pack_2: Pack;
  pack_4: Pack;
  pack_8: Pack;
}

type Pack = (points: number, values: number, order: number, at: number, stride: number) => void;

const PAGE_BYTES = 65_536;
const KEY_BYTES = 8;
const ORDER_BYTES = 4;
/** Nodes that need more memory are few: it is not kept. */
const MOST_KEPT_BYTES = 16 * 1024 * 1024;

/** One for all clouds: a new instance for each would cost its memory anew, which has to be cleared. */
let instance: NodeRecordsExports | null = null;
let module: object | null = null;

/**
 * The points of a node as packed little-endian records, each with its values in the order of the columns.
 * `isSorted`: by intensity and then by height, where equal points keep their order; else all keep it. The
 * result is valid until the next call, for whatever cloud.
 */
export function nodeRecords(columns: BuildColumns, points: Uint32Array, isSorted: boolean): Uint8Array {
  const count = points.length;
  const sizes = BuildColumns.arrays(columns).map((array) => array.BYTES_PER_ELEMENT);
  const stride = sizes.reduce((sum, bytes) => sum + bytes, 0);
  // 8 bytes for each column more than its values: all begin at a multiple of 8.
  const needed = count * (2 * stride + KEY_BYTES + 2 * ORDER_BYTES) + 8 * (sizes.length + 4);
  const { memory, heap, number, sort, ...packs } = withRoom(needed);
  let free = heap();
  const take = (bytes: number) => {
    const at = Math.ceil(free / 8) * 8;
    free = at + bytes;
    return at;
  };
  // A copy of the node's own points is small enough for the processor's cache, where all columns are not.
  const places = sizes.map((bytes) => take(bytes * count));
  const own = BuildColumns.within(columns, memory.buffer, places, count);
  BuildColumns.gather(own, columns, points);
  const keys = take(KEY_BYTES * count);
  const [order, other] = [take(ORDER_BYTES * count), take(ORDER_BYTES * count)];
  const { intensity, z } = own;
  const [intensityAt, intensityBytes] = [intensity?.byteOffset ?? 0, intensity?.BYTES_PER_ELEMENT ?? 0];
  number(count, order);
  const sorted = isSorted
    ? sort(count, intensityAt, intensityBytes, z.byteOffset, keys, order, other)
    : order;
  const records = take(stride * count);
  let at = records;
  for (const [column, bytes] of sizes.entries()) {
    packs[`pack_${bytes as 1 | 2 | 4 | 8}`](count, places[column]!, sorted, at, stride);
    at += bytes;
  }
  return new Uint8Array(memory.buffer, records, stride * count);
}

function withRoom(bytes: number): NodeRecordsExports {
  if (instance !== null && instance.memory.buffer.byteLength > MOST_KEPT_BYTES) instance = null;
  module ??= new WebAssembly.Module(readFileSync(new URL('./wasm/records.wasm', import.meta.url)));
  instance ??= new WebAssembly.Instance(module).exports as NodeRecordsExports;
  const { memory, heap } = instance;
  const missing = heap() + bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
  return instance;
}
