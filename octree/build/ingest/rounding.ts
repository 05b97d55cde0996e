/** Coordinates to steps of the scale: runs wasm/rounding.wasm, once for each point. */
import { readFileSync } from 'node:fs';
import { WebAssembly } from '../../../cache/foundation/index.ts';
import type { Vec3 } from '../../geometry/index.ts';
import type { PointBatch } from '../inputs/index.ts';
import { BuildColumns, NEAR_ZERO, type Steps } from '../points/index.ts';

/** The exports of rounding.c, documented there. Pointers are offsets in `memory`, bytes. */
interface RoundingExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  coordinates(axis: number): number;
  steps(axis: number): number;
  rows(): number;
  extents(): number;
  round(points: number, offsetX: number, offsetY: number, offsetZ: number, scale: number): number;
}

/** What of a batch was appended: the points from `from` to `next`, without `next`, or some of these. */
export interface AppendedRun {
  readonly from: number;
  /** The first point that was not looked at. */
  readonly next: number;
  /** Those that were appended, ascending, counted from `from`; null: all. Valid until the next call. */
  readonly rows: Uint32Array | null;
}

/** Points at a time (rounding.c). */
const SLICE_POINTS = 8192;

/** The memory of the module, which all clouds share: it is used up before the next point. */
class RoundingMemory {
  static #shared: RoundingMemory | null = null;
  readonly coordinates: readonly Float64Array[];
  readonly steps: readonly Int32Array[];
  readonly rows: Uint32Array;
  /** Smallest and largest step of x, then of y and z. */
  readonly extents: Int32Array;
  readonly round: RoundingExports['round'];

  private constructor() {
    const module = new WebAssembly.Module(readFileSync(new URL('./wasm/rounding.wasm', import.meta.url)));
    const { memory, coordinates, steps, rows, extents, round } = new WebAssembly.Instance(module)
      .exports as RoundingExports;
    this.coordinates = [0, 1, 2].map(
      (axis) => new Float64Array(memory.buffer, coordinates(axis), SLICE_POINTS),
    );
    this.steps = [0, 1, 2].map((axis) => new Int32Array(memory.buffer, steps(axis), SLICE_POINTS));
    this.rows = new Uint32Array(memory.buffer, rows(), SLICE_POINTS);
    this.extents = new Int32Array(memory.buffer, extents(), 6);
    this.round = round;
  }

  static get shared(): RoundingMemory {
    RoundingMemory.#shared ??= new RoundingMemory();
    return RoundingMemory.#shared;
  }
}

export class Rounding {
  readonly steps: Steps;
  /** Points that were left out because a coordinate is not finite. */
  notFinite = 0;
  /** Points that were left out because they do not fit the scale, ... */
  beyond = 0;
  /** ... and the distance of the farthest one from the offset, metres. */
  farthest = 0;
  readonly #memory = RoundingMemory.shared;

  constructor(steps: Steps) {
    this.steps = steps;
  }

  /**
   * Appends some points of `batch` from `from` on to the positions of `columns`, which must have room for
   * one, and extends `min` and `max`, in steps. The other columns are left to the caller.
   */
  append(batch: PointBatch, from: number, columns: BuildColumns, min: number[], max: number[]): AppendedRun {
    const { coordinates, steps, rows, extents, round } = this.#memory;
    const { scale, offset } = this.steps;
    const room = BuildColumns.capacity(columns) - columns.count;
    const points = Math.min(SLICE_POINTS, room, batch.count - from);
    for (const [axis, values] of [batch.x, batch.y, batch.z].entries())
      coordinates[axis]!.set(values.subarray(from, from + points));
    const kept = round(points, ...offset, scale);
    for (const [axis, column] of [columns.x, columns.y, columns.z].entries()) {
      column.set(steps[axis]!.subarray(0, kept), columns.count);
      if (kept === 0) continue;
      min[axis] = Math.min(min[axis]!, extents[2 * axis]!);
      max[axis] = Math.max(max[axis]!, extents[2 * axis + 1]!);
    }
    columns.count += kept;
    for (const row of rows.subarray(kept, points)) this.#leaveOut(batch, from + row);
    return { from, next: from + points, rows: kept === points ? null : rows.subarray(0, kept) };
  }

  #leaveOut({ x, y, z }: PointBatch, point: number): void {
    const [offsetX, offsetY, offsetZ] = this.steps.offset;
    const far = Math.max(
      Math.abs(x[point]! - offsetX),
      Math.abs(y[point]! - offsetY),
      Math.abs(z[point]! - offsetZ),
    );
    if (!Number.isFinite(far)) this.notFinite++;
    else {
      this.beyond++;
      this.farthest = Math.max(this.farthest, far);
    }
  }
}

/**
 * The median of the finite points, per axis; exact where it matters (`chooseSteps`); null if there are none.
 */
export function middleOf({ x, y, z, count }: PointBatch, scale: number): Vec3 | null {
  const isThere = (i: number) => Number.isFinite(x[i]! + y[i]! + z[i]!);
  let finite = 0;
  for (let i = 0; i < count; i++) if (isThere(i)) finite++;
  if (finite === 0) return null;
  const median = (values: Float64Array) => {
    const kept = new Float64Array(finite);
    let farthest = 0;
    for (let i = 0, at = 0; i < count; i++) {
      if (!isThere(i)) continue;
      kept[at++] = values[i]!;
      farthest = Math.max(farthest, Math.abs(values[i]!));
    }
    // All are near zero, and so is their median.
    return farthest <= NEAR_ZERO * scale ? 0 : kept.sort()[finite >> 1]!;
  };
  return [median(x), median(y), median(z)];
}
