/** Whether a scale is too coarse for the coordinates: then points that differ fall on one place. */
import type { PointBatch } from '../inputs/index.ts';
import type { Steps } from '../points/index.ts';

const SAMPLE_POINTS = 4096;
/** Fewer different points say too little. */
const LEAST_DISTINCT = 64;

export interface Collapse {
  /** Different positions among the sampled points, before and after rounding. */
  readonly before: number;
  readonly after: number;
}

/**
 * What rounding to `steps` does to an even sample of the batch; null if there are too few different points.
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

/** Whether all coordinates of the batch could be longitude and latitude. */
export function couldBeDegrees({ count, x, y }: PointBatch): boolean {
  for (let i = 0; i < count; i++) if (Math.abs(x[i]!) > 180 || Math.abs(y[i]!) > 90) return false;
  return true;
}
