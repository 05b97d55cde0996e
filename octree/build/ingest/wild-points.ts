/**
 * Wild points: a few points so far from all others that they cannot belong to the scene. Scanners and
 * converters write them if a distance could not be measured (1e7, 1e8, 1e30 m). A single one would enlarge
 * the octree until all other points lie in one cell.
 *
 * A point is wild if, on some axis, its distance from the median is more than 200 times the extent of the
 * scene. The extent is measured on a sample, from the 5th to the 95th percentile. If there are many such
 * points, they are real, and none of them is wild.
 */
import type { PlaceColumns, PointStore, StepExtent } from '../points/index.ts';

/** Limit of the distance, in multiples of the scene's extent. */
const FARTHEST_EXTENTS = 200;
/** Least extent of a scene, metres; smaller scenes count as this large. */
const LEAST_EXTENT_METRES = 100;
/** Largest fraction of all points that can be wild ... */
const MOST_SHARE = 0.01;
/** ... or, in a small cloud, this many points, if they are at most a quarter of all. */
const FEW_POINTS = 8;
const SMALL_SHARE = 0.25;

/** True if this number of points, out of all, can be wild. */
export function areFew(wild: number, points: number): boolean {
  return wild <= points * MOST_SHARE || (wild <= FEW_POINTS && wild <= points * SMALL_SHARE);
}

const SAMPLE_POINTS = 4096;

/** A deterministic, even sample of the added points. Positions are in steps. */
export class PositionSample {
  readonly #values = [0, 1, 2].map(() => new Int32Array(SAMPLE_POINTS));
  #count = 0;
  #every = 1;
  /** Points that come before the next one of the sample. */
  #skip = 0;

  /** Adds points `from` to `to`, without `to`. */
  add({ x, y, z }: PlaceColumns, from: number, to: number): void {
    let point = from + this.#skip;
    for (; point < to; point += this.#every) {
      if (this.#count === SAMPLE_POINTS) this.#halve();
      const at = this.#count++;
      this.#values[0]![at] = x[point]!;
      this.#values[1]![at] = y[point]!;
      this.#values[2]![at] = z[point]!;
    }
    this.#skip = point - to;
  }

  /** Limits of the scene, in steps of `scale` metres; null before a point was added. */
  sceneLimits(scale: number): StepExtent | null {
    if (this.#count === 0) return null;
    const axes = this.#values.map((values) => {
      const sorted = values.slice(0, this.#count).sort();
      const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]!;
      return { median: at(0.5), extent: at(0.95) - at(0.05) };
    });
    const extent = Math.max(LEAST_EXTENT_METRES / scale, ...axes.map((axis) => axis.extent));
    const limit = FARTHEST_EXTENTS * extent;
    const [x, y, z] = axes.map(({ median }) => median) as [number, number, number];
    return { min: [x - limit, y - limit, z - limit], max: [x + limit, y + limit, z + limit] };
  }

  #halve(): void {
    for (const values of this.#values) for (let i = 0; 2 * i < SAMPLE_POINTS; i++) values[i] = values[2 * i]!;
    this.#count = SAMPLE_POINTS / 2;
    this.#every *= 2;
  }
}

export function isWithin(columns: PlaceColumns, point: number, { min, max }: StepExtent): boolean {
  const x = columns.x[point]!;
  const y = columns.y[point]!;
  const z = columns.z[point]!;
  return x >= min[0] && x <= max[0] && y >= min[1] && y <= max[1] && z >= min[2] && z <= max[2];
}

/** The number of stored points outside of `limits`. */
export function countOutside(store: PointStore, limits: StepExtent): number {
  let outside = 0;
  for (const block of store.places())
    for (let i = 0; i < block.count; i++) if (!isWithin(block, i, limits)) outside++;
  return outside;
}

/** Whether all of an extent lies within `limits`. */
export function isInside({ min, max }: StepExtent, limits: StepExtent): boolean {
  return [0, 1, 2].every((axis) => min[axis]! >= limits.min[axis]! && max[axis]! <= limits.max[axis]!);
}
