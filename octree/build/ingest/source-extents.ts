/** Where the points of the inputs lie. */
import type { Vec3 } from '../../geometry/index.ts';
import type { BuildColumns, PointStore, StepExtent } from '../points/index.ts';
import { isWithin } from './wild-points.ts';

/** What was read from one input. */
export interface SourceSummary {
  readonly path: string;
  readonly points: number;
  /** In steps; null if no point has finite coordinates. */
  readonly extent: StepExtent | null;
}

/** The extent of points that are told one by one, or batch by batch. */
export class GrowingExtent {
  readonly min = [Infinity, Infinity, Infinity];
  readonly max = [-Infinity, -Infinity, -Infinity];

  include({ x, y, z }: BuildColumns, i: number): void {
    const { min, max } = this;
    if (x[i]! < min[0]!) min[0] = x[i]!;
    if (y[i]! < min[1]!) min[1] = y[i]!;
    if (z[i]! < min[2]!) min[2] = z[i]!;
    if (x[i]! > max[0]!) max[0] = x[i]!;
    if (y[i]! > max[1]!) max[1] = y[i]!;
    if (z[i]! > max[2]!) max[2] = z[i]!;
  }

  /** The summary of an input with so many points in this extent. */
  summaryOf(path: string, points: number): SourceSummary {
    return { path, points, extent: points === 0 ? null : { min: toVec3(this.min), max: toVec3(this.max) } };
  }
}

/** The extent of all inputs together. */
export function commonExtent(sources: readonly SourceSummary[]): StepExtent {
  const extents = sources.flatMap(({ extent }) => extent ?? []);
  const of = (pick: (values: number[]) => number, corner: 'min' | 'max') =>
    toVec3([0, 1, 2].map((axis) => pick(extents.map((extent) => extent[corner][axis]!))));
  return {
    min: of((values) => values.reduce((a, b) => Math.min(a, b)), 'min'),
    max: of((values) => values.reduce((a, b) => Math.max(a, b)), 'max'),
  };
}

/**
 * Copies the stored points inside of `limits` to `kept`, and computes the summaries of the inputs again. The
 * points of the inputs lie one after the other in `stored`.
 */
export function keepWithin(
  limits: StepExtent,
  stored: PointStore,
  sources: readonly SourceSummary[],
  kept: PointStore,
): SourceSummary[] {
  const counts = sources.map(({ path }) => ({ path, points: 0, extent: new GrowingExtent() }));
  let source = 0;
  let left = sources[0]!.points;
  for (const block of stored.blocks()) {
    for (let i = 0; i < block.count; i++) {
      while (left === 0) left = sources[++source]!.points;
      left--;
      if (!isWithin(block, i, limits)) continue;
      if (kept.full) kept.flush();
      kept.append(block, i);
      const of = counts[source]!;
      of.points++;
      of.extent.include(block, i);
    }
  }
  return counts.map(({ path, points, extent }) => extent.summaryOf(path, points));
}

function toVec3(values: readonly number[]): Vec3 {
  return [values[0]!, values[1]!, values[2]!];
}
