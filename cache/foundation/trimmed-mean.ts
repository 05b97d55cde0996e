/** A moving average that a few outliers do not change. */
import { checkInteger } from './check-options.ts';

/** The largest share of the remembered values that is left out. */
const TRIMMED_SHARE = 1 / 8;

/**
 * Mean of the last `capacity` values without the largest eighth of them. A stopped process or one huge job
 * makes single values that are a thousand times too large; an exponential average carries each of them along
 * for many jobs, this one does not count them.
 */
export class TrimmedMean {
  readonly #ring: Float64Array;
  #seen = 0;
  #mean: number | null = 0;

  /** @param capacity How many values are remembered. Default: 32. */
  constructor(capacity = 32) {
    checkInteger('capacity', capacity, 1, 10_000);
    this.#ring = new Float64Array(capacity);
  }

  add(value: number): void {
    this.#ring[this.#seen % this.#ring.length] = value;
    this.#seen += 1;
    this.#mean = null;
  }

  /** 0 before the first value. */
  get value(): number {
    this.#mean ??= this.#compute();
    return this.#mean;
  }

  #compute(): number {
    const size = Math.min(this.#seen, this.#ring.length);
    const sorted = this.#ring.slice(0, size).sort();
    const kept = size - Math.floor(size * TRIMMED_SHARE);
    let sum = 0;
    for (let i = 0; i < kept; i++) sum += sorted[i]!;
    return sum / kept;
  }
}
