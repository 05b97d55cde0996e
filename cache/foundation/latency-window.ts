/** Recent latencies. */
import { checkInteger } from './check-options.ts';

/** Quantiles of the last `capacity` latencies. */
export class LatencyWindow {
  readonly #ring: Float64Array;
  #seen = 0;
  #sorted: Float64Array | null = null;

  /** @param capacity How many latencies are remembered. Default: 256. */
  constructor(capacity = 256) {
    checkInteger('capacity', capacity, 1, 1_000_000);
    this.#ring = new Float64Array(capacity);
  }

  /** Latencies remembered now. */
  get size(): number {
    return Math.min(this.#seen, this.#ring.length);
  }

  add(ms: number): void {
    this.#ring[this.#seen % this.#ring.length] = ms;
    this.#seen += 1;
    this.#sorted = null;
  }

  /** The `q` quantile of the remembered latencies; NaN if there are none. */
  quantile(q: number): number {
    this.#sorted ??= this.#ring.slice(0, this.size).sort();
    return this.#sorted[Math.max(0, Math.ceil(q * this.size) - 1)] ?? Number.NaN;
  }
}
