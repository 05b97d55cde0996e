/** Coordinates to steps of the scale: the inner loop of reading, which runs once for each point. */
import type { Vec3 } from '../../geometry/index.ts';
import type { PointBatch } from '../inputs/index.ts';
import { BuildColumns, fitsSteps, NEAR_ZERO, type Steps } from '../points/index.ts';

interface AppendedRun {
  /** The first point of the batch that was not looked at, because the columns are full. */
  readonly next: number;
  /** The points of the batch that were appended, in order. Valid until the next call. */
  readonly rows: Uint32Array;
}

export class Rounding {
  readonly steps: Steps;
  /** Points that were left out because a coordinate is not finite. */
  notFinite = 0;
  /** Points that were left out because they do not fit the scale, ... */
  beyond = 0;
  /** ... and the distance of the farthest one from the offset, metres. */
  farthest = 0;
  #rows = new Uint32Array(0);

  constructor(steps: Steps) {
    this.steps = steps;
  }

  /**
   * Appends the points of `batch` from `from` on to the positions of `columns`, until those are full, and
   * extends `min` and `max`, in steps. The other columns are left to the caller.
   */
  append(batch: PointBatch, from: number, columns: BuildColumns, min: number[], max: number[]): AppendedRun {
    const { x, y, z, count } = batch;
    const { scale, offset } = this.steps;
    const [offsetX, offsetY, offsetZ] = offset;
    const { x: stepsX, y: stepsY, z: stepsZ } = columns;
    if (this.#rows.length < count) this.#rows = new Uint32Array(count);
    const rows = this.#rows;
    const first = columns.count;
    const capacity = BuildColumns.capacity(columns);
    let [minX, minY, minZ] = min as [number, number, number];
    let [maxX, maxY, maxZ] = max as [number, number, number];
    let at = first;
    let i = from;
    for (; i < count && at < capacity; i++) {
      const stepX = Math.round((x[i]! - offsetX) / scale);
      const stepY = Math.round((y[i]! - offsetY) / scale);
      const stepZ = Math.round((z[i]! - offsetZ) / scale);
      if (!(fitsSteps(stepX) && fitsSteps(stepY) && fitsSteps(stepZ))) {
        this.#leaveOut(x[i]! - offsetX, y[i]! - offsetY, z[i]! - offsetZ);
        continue;
      }
      stepsX[at] = stepX;
      stepsY[at] = stepY;
      stepsZ[at] = stepZ;
      rows[at++ - first] = i;
      if (stepX < minX) minX = stepX;
      if (stepX > maxX) maxX = stepX;
      if (stepY < minY) minY = stepY;
      if (stepY > maxY) maxY = stepY;
      if (stepZ < minZ) minZ = stepZ;
      if (stepZ > maxZ) maxZ = stepZ;
    }
    [min[0], min[1], min[2]] = [minX, minY, minZ];
    [max[0], max[1], max[2]] = [maxX, maxY, maxZ];
    columns.count = at;
    return { next: i, rows: rows.subarray(0, at - first) };
  }

  #leaveOut(x: number, y: number, z: number): void {
    const far = Math.max(Math.abs(x), Math.abs(y), Math.abs(z));
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
