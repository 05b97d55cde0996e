/**
 * Runs wasm/scan.wasm: copies the columns of a node in, batch by batch, and the numbers of the found points
 * out.
 */

import { readFileSync } from 'node:fs';
import { WebAssembly } from '../../../cache/foundation/index.ts';
import type { Vec3 } from '../../geometry/index.ts';
import type { NodeColumns } from '../point-set.ts';
import { CELLS, MIXED, type RingGrid } from '../ring-grid.ts';
import type { AffineRow, NodeProjection } from './projection.ts';
import type { Solid } from './solid-shape.ts';

/** The exports of scan.c, documented there. Pointers are offsets in `memory`, bytes. */
interface ScanExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  column(axis: number): number;
  found(): number;
  unsure(): number;
  unsure_points(): number;
  drop_negative(count: number): number;
  cells(): number;
  projection(): number;
  solid(): number;
  batch_points(): number;
  scan_ring(count: number, first: number, isFlat: number, hasLimits: number): number;
  scan_sphere(count: number, first: number): number;
  scan_cuboid(count: number, first: number): number;
  positions(): number;
  copy_all(count: number): void;
  copy_found(count: number, first: number): void;
}

export type IntegerColumns = readonly [x: Int32Array, y: Int32Array, z: Int32Array];

/** The columns of a node; null if they are not integers. */
export function integerColumns({ x, y, z }: NodeColumns): IntegerColumns | null {
  return x instanceof Int32Array && y instanceof Int32Array && z instanceof Int32Array ? [x, y, z] : null;
}

/** Masks the number of a found point: the sign bit marks points that need the exact test. */
const NUMBER = 0x7fffffff;

/**
 * Finds points of a node in batches that fit the processor's caches. All calls are synchronous, so a thread
 * needs one instance.
 */
export class Scanner {
  readonly #exports: ScanExports;
  readonly #batchPoints: number;
  readonly #columns: IntegerColumns;
  readonly #found: Int32Array;
  readonly #unsureAt: Int32Array;
  /** The two halves of the table of cells: for sure and for unsure positions. */
  readonly #sure: Uint8Array;
  readonly #unsure: Uint32Array;
  readonly #origin: Int32Array;
  readonly #rows: Float32Array;
  readonly #solid: Float64Array;
  readonly #positions: Float32Array;
  /** The grid whose cells are in the table. */
  #grid: RingGrid | null = null;

  static #shared: Scanner | null = null;

  /** The instance of this thread, created at the first use. */
  static get shared(): Scanner {
    Scanner.#shared ??= new Scanner();
    return Scanner.#shared;
  }

  /** Bytes of the WebAssembly memory; 0 before the first use. It never grows. */
  static get memoryBytes(): number {
    const shared = Scanner.#shared;
    return shared === null ? 0 : shared.#found.buffer.byteLength;
  }

  constructor() {
    const module = new WebAssembly.Module(readFileSync(new URL('./wasm/scan.wasm', import.meta.url)));
    this.#exports = new WebAssembly.Instance(module).exports as ScanExports;
    const { column, found, unsure, cells, projection, solid, positions, batch_points } = this.#exports;
    const { buffer } = this.#exports.memory;
    this.#batchPoints = batch_points();
    const integers = (pointer: number) => new Int32Array(buffer, pointer, this.#batchPoints);
    this.#columns = [integers(column(0)), integers(column(1)), integers(column(2))];
    this.#found = integers(found());
    this.#unsureAt = integers(unsure());
    this.#sure = new Uint8Array(buffer, cells(), CELLS * CELLS);
    this.#unsure = new Uint32Array(buffer, cells() + CELLS * CELLS, (CELLS * CELLS) / 4);
    this.#origin = new Int32Array(buffer, projection(), 3);
    this.#rows = new Float32Array(buffer, projection() + this.#origin.byteLength, 24);
    this.#solid = new Float64Array(buffer, solid(), 15);
    this.#positions = new Float32Array(buffer, positions(), 3 * this.#batchPoints);
  }

  /**
   * Writes the numbers of the points in the ring of `grid` to `out`, from `at` on, and returns their count.
   * `isIn` is the exact test.
   */
  ring(
    columns: IntegerColumns,
    projection: NodeProjection,
    grid: RingGrid,
    isIn: (point: number) => boolean,
    out: Int32Array,
    at: number,
    from: number,
    to: number,
  ): number {
    this.#useGrid(grid);
    this.#useProjection(projection);
    const { scan_ring, unsure_points, drop_negative } = this.#exports;
    const [isFlat, hasLimits] = [Number(projection.isFlat), Number(projection.limits !== null)];
    const [found, unsure] = [this.#found, this.#unsureAt];
    const scan = (count: number, first: number) => {
      const all = scan_ring(count, first, isFlat, hasLimits);
      const toTest = unsure_points();
      let dropped = 0;
      for (let k = 0; k < toTest; k++) {
        const place = unsure[k]!;
        const point = found[place]! & NUMBER;
        if (isIn(point)) found[place] = point;
        else dropped++;
      }
      return dropped === 0 ? all : drop_negative(all);
    };
    return this.#run(columns, scan, out, at, from, to);
  }

  /** Writes the numbers of the points in the solid to `out`, from `at` on, and returns their count. */
  solid(
    columns: IntegerColumns,
    { scale, offset }: NodeColumns,
    { kind, center, numbers }: Solid,
    out: Int32Array,
    at: number,
    from: number,
    to: number,
  ): number {
    this.#solid.set([...scale, ...offset, ...center]);
    // In memory, the number of a sphere precedes those of a cuboid.
    this.#solid.set(numbers, kind === 'sphere' ? 9 : 10);
    const { scan_sphere, scan_cuboid } = this.#exports;
    return this.#run(columns, kind === 'sphere' ? scan_sphere : scan_cuboid, out, at, from, to);
  }

  /** See `copyAround`. */
  copy(
    columns: IntegerColumns,
    points: NodeColumns,
    chosen: Int32Array | null,
    origin: Vec3,
    out: Float32Array,
    at: number,
    from: number,
    to: number,
  ): void {
    this.#solid.set([...points.scale, ...points.offset, ...origin]);
    let done = 0;
    // Batches before the first chosen point are not needed.
    const start = chosen === null ? from : (chosen[0] ?? points.count);
    const stop = chosen === null ? to : points.count;
    for (let first = start; first < stop; first += this.#batchPoints) {
      const last = Math.min(stop, first + this.#batchPoints);
      const end = chosen === null ? last - start : placeOf(last, chosen, done);
      if (end > done) {
        this.#load(columns, first, last);
        if (chosen === null) this.#exports.copy_all(end - done);
        else {
          this.#found.set(chosen.subarray(done, end));
          this.#exports.copy_found(end - done, first);
        }
        out.set(this.#positions.subarray(0, 3 * (end - done)), at + 3 * done);
      }
      done = end;
      if (chosen !== null && done === chosen.length) break;
    }
  }

  #run(
    columns: IntegerColumns,
    scan: (count: number, first: number) => number,
    out: Int32Array,
    at: number,
    from: number,
    to: number,
  ): number {
    let end = at;
    for (let first = from; first < to; first += this.#batchPoints) {
      const last = Math.min(to, first + this.#batchPoints);
      this.#load(columns, first, last);
      const found = scan(last - first, first);
      out.set(this.#found.subarray(0, found), end);
      end += found;
    }
    return end - at;
  }

  #load([x, y, z]: IntegerColumns, first: number, last: number): void {
    const [toX, toY, toZ] = this.#columns;
    toX.set(x.subarray(first, last));
    toY.set(y.subarray(first, last));
    toZ.set(z.subarray(first, last));
  }

  #useGrid(grid: RingGrid): void {
    if (this.#grid === grid) return;
    this.#sure.set(grid.cells);
    const cells = new Uint32Array(grid.cells.buffer);
    // INSIDE is 1 and MIXED is 3, so setting bit 1 where bit 0 is set turns INSIDE into MIXED; four cells at
    // a time.
    for (let i = 0; i < cells.length; i++) this.#unsure[i] = cells[i]! | ((cells[i]! & 0x01010101) << 1);
    this.#unsure[0]! |= MIXED;
    this.#grid = grid;
  }

  #useProjection({ origin, across, up, w, limits, wOut, wUnsure, limitErrors }: NodeProjection): void {
    const none: AffineRow = [0, 0, 0, 0];
    const [near, far] = limits ?? [none, none];
    this.#origin.set(origin);
    this.#rows.set([...across, ...up, ...w, ...near, ...far, wOut, wUnsure, ...limitErrors]);
  }
}

/** Position of the first of the ascending numbers that is at least `number`, from `start` on. */
function placeOf(number: number, ordered: Int32Array, start: number): number {
  let [low, high] = [start, ordered.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ordered[middle]! < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * `PointSet.filter` of a sphere or a cuboid, with the same float64 operations as region-sphere.ts and
 * region-cuboid.ts; null if the coordinates are not integers. The caller then tests the points.
 */
export function scanSolid(
  points: NodeColumns,
  solid: Solid,
  out: Int32Array,
  at: number,
  from = 0,
  to = points.count,
): number | null {
  const columns = integerColumns(points);
  return columns && Scanner.shared.solid(columns, points, solid, out, at, from, to);
}

/**
 * Writes x, y, z minus `origin` (subtracted in float64) of points to `out`, from `at` on: of those with the
 * ascending numbers `chosen`, or if that is null of the points `from` to `to - 1`. Returns false and writes
 * nothing if the coordinates are not integers.
 */
export function copyAround(
  points: NodeColumns,
  chosen: Int32Array | null,
  origin: Vec3,
  out: Float32Array,
  at: number,
  from = 0,
  to = points.count,
): boolean {
  const columns = integerColumns(points);
  if (columns === null) return false;
  Scanner.shared.copy(columns, points, chosen, origin, out, at, from, to);
  return true;
}

/** Bytes of WebAssembly memory that scanning holds in this thread. */
export function scannerMemoryBytes(): number {
  return Scanner.memoryBytes;
}
