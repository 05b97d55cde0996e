/** Checks whether a scale is too coarse: then different points become equal by rounding. */
import type { PointBatch } from '../inputs/index.ts';
import type { Steps } from '../points/index.ts';

const SAMPLE_POINTS = 4096;
/** Least number of different points for a verdict. */
const LEAST_DISTINCT = 64;

export interface Collapse {
  /** Number of distinct positions in the sample, before and after rounding. */
  readonly before: number;
  readonly after: number;
}

/**
 * Rounds an even sample of the batch to `steps` and counts distinct positions; null if there are too few.
 */
export function collapseOf(batch: PointBatch, { scale, offset }: Steps): Collapse | null {
  const every = Math.max(1, Math.floor(batch.count / SAMPLE_POINTS));
  const before = new Set<string>();
  const after = new Set<string>();
  for (let i = 0; i < batch.count; i += every) {
    const position = [batch.x[i]!, batch.y[i]!, batch.z[i]!];
    if (!position.every(Number.isFinite)) continue;
    before.add(position.join());
    after.add(position.map((value, axis) => Math.round((value - offset[axis]!) / scale)).join());
  }
  return before.size < LEAST_DISTINCT ? null : { before: before.size, after: after.size };
}

/** True if all coordinates of the batch could be longitude and latitude. */
export function couldBeDegrees({ count, x, y }: PointBatch): boolean {
  for (let i = 0; i < count; i++) if (Math.abs(x[i]!) > 180 || Math.abs(y[i]!) > 90) return false;
  return true;
}
