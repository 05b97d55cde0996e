/** Checks whether a scale is too coarse: then different points become equal by rounding. */
import type { PointBatch } from '../inputs/index.ts';
import type { Steps } from '../points/index.ts';

const SAMPLE_POINTS = 4096;
/** Least number of different points for a verdict. */
const LEAST_DISTINCT = 64;
/** An odd number without pattern (2^32 / the golden ratio). */
const HASH_FACTOR = 0x9e3779b1;

export interface Collapse {
  /** Number of distinct positions in the sample, before and after rounding. */
  readonly before: number;
  readonly after: number;
  /** Whether positions are compared as seen from above: degrees collapse there, heights in metres do not. */
  readonly isPlan: boolean;
}

/**
 * Rounds an even sample of the batch to `steps` and counts distinct positions; null if there are too few.
 */
export function collapseOf(batch: PointBatch, { scale, offset }: Steps): Collapse | null {
  const every = Math.max(1, Math.floor(batch.count / SAMPLE_POINTS));
  const most = Math.ceil(batch.count / every);
  const [before, after] = [new PositionSet(most), new PositionSet(most)];
  const [planBefore, planAfter] = [new PositionSet(most), new PositionSet(most)];
  const round = (value: number, axis: 0 | 1 | 2) => Math.round((value - offset[axis]) / scale);
  for (let i = 0; i < batch.count; i += every) {
    const [x, y, z] = [batch.x[i]!, batch.y[i]!, batch.z[i]!];
    if (!Number.isFinite(x + y + z)) continue;
    const [stepX, stepY] = [round(x, 0), round(y, 1)];
    before.add(x, y, z);
    after.add(stepX, stepY, round(z, 2));
    planBefore.add(x, y, 0);
    planAfter.add(stepX, stepY, 0);
  }
  const verdicts: Collapse[] = [
    { before: before.size, after: after.size, isPlan: false },
    { before: planBefore.size, after: planAfter.size, isPlan: true },
  ];
  const told = verdicts.filter((verdict) => verdict.before >= LEAST_DISTINCT);
  return told.toSorted((a, b) => a.after / a.before - b.after / b.before)[0] ?? null;
}

/** Distinct positions: a hash table with open addressing. Every cloud is sampled, so it has to be fast. */
class PositionSet {
  size = 0;
  /** For each slot, 1 + the place of its position in `#positions`. */
  readonly #slots: Uint32Array;
  readonly #positions: Float64Array;
  readonly #words: Uint32Array;

  constructor(most: number) {
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * most + 1)));
    // The last one is the position that is being added.
    this.#positions = new Float64Array(3 * (most + 1));
    this.#words = new Uint32Array(this.#positions.buffer);
  }

  add(x: number, y: number, z: number): void {
    const at = 3 * this.size;
    const positions = this.#positions;
    // Adding 0 makes 0 of -0.
    positions[at] = x + 0;
    positions[at + 1] = y + 0;
    positions[at + 2] = z + 0;
    let hash = 0;
    for (let word = 2 * at; word < 2 * at + 6; word++)
      hash = Math.imul(hash ^ this.#words[word]!, HASH_FACTOR) ^ (hash >>> 15);
    const last = this.#slots.length - 1;
    for (let slot = (hash ^ (hash >>> 16)) & last; ; slot = (slot + 1) & last) {
      const found = this.#slots[slot]!;
      if (found === 0) {
        this.#slots[slot] = ++this.size;
        return;
      }
      const other = 3 * (found - 1);
      if (
        positions[other] === positions[at] &&
        positions[other + 1] === positions[at + 1] &&
        positions[other + 2] === positions[at + 2]
      )
        return;
    }
  }
}

/** True if all coordinates of the batch could be longitude and latitude. */
export function couldBeDegrees({ count, x, y }: PointBatch): boolean {
  for (let i = 0; i < count; i++) if (Math.abs(x[i]!) > 180 || Math.abs(y[i]!) > 90) return false;
  return true;
}

/** Degrees, if heights spread so many times more than both other axes. */
const HEIGHTS_OF_DEGREES = 20;
/** Heights that spread less say nothing, metres. */
const LEAST_HEIGHTS = 1;
/** Places on Earth lie so many times their extent, or more, from the origin. */
const FAR_EXTENTS = 10;

/** How far positions spread that can be longitude, latitude and metres. */
export interface GeographicExtent {
  readonly plan: number;
  readonly heights: number;
}

/**
 * The extents of a batch whose positions look like longitude, latitude and metres: far from the origin, and
 * very much higher than wide, as a degree is 111 km; null if they do not. Towers and boreholes can look so
 * too. A twentieth of the points at each end does not count.
 */
export function geographicExtent({ count, x, y, z }: PointBatch): GeographicExtent | null {
  const axes = [x, y, z].map((values) => {
    const every = Math.max(1, Math.floor(count / SAMPLE_POINTS));
    const sorted = values
      .subarray(0, count)
      .filter((value, index) => index % every === 0 && Number.isFinite(value))
      .sort();
    const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
    return { low: at(0.05), high: at(0.95), middle: at(0.5) };
  });
  const [east, north, up] = axes as [(typeof axes)[0], (typeof axes)[0], (typeof axes)[0]];
  const plan = Math.max(east.high - east.low, north.high - north.low);
  const heights = up.high - up.low;
  const isOnEarth = Math.abs(east.middle) <= 180 && Math.abs(north.middle) <= 90;
  const isFar = Math.hypot(east.middle, north.middle) >= FAR_EXTENTS * plan;
  return isOnEarth && isFar && heights >= LEAST_HEIGHTS && heights > HEIGHTS_OF_DEGREES * plan
    ? { plan, heights }
    : null;
}
