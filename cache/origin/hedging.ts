/**
 * Hedged requests: a second request where the first takes longer than most (Dean and Barroso, The Tail at
 * Scale, 2013).
 */
import { ObjectTooLarge } from '../byte-source/index.ts';
import {
  checkInteger,
  isNearboxError,
  LatencyWindow,
  type Race,
  race,
  type Timing,
  TokenBudget,
  type TokenBudgetOptions,
} from '../foundation/index.ts';

export interface HedgingOptions {
  /** The share of requests that have ended before a second one is sent. Default: 0.95. */
  readonly quantile?: number | undefined;
  /** Latencies to see before any second request. Default: 20. */
  readonly minSamples?: number | undefined;
  /** No second request before this, however fast the storage is. Default: 10 ms. */
  readonly minDelayMs?: number | undefined;
  /** A second request after this at the latest. Default: 1000 ms. */
  readonly maxDelayMs?: number | undefined;
  /**
   * No second request while more than this many requests of a kind are running. In a burst all requests are
   * slow, and more of them make it worse; the second request is sent when fewer are left. Default: no limit.
   */
  readonly maxWaiting?: number | undefined;
  /** How many second requests there may be. Default: one for every twenty requests, five in a burst. */
  readonly budget?: TokenBudgetOptions | undefined;
}

export type RequestKind = 'read' | 'stat';

export interface HedgingStats {
  readonly reads: number;
  /** Second requests sent. */
  readonly hedges: number;
  /** Second requests that answered first. */
  readonly wins: number;
  /** Second requests that were due but over the budget. */
  readonly refused: number;
}

type Resolved = { readonly [Name in keyof Omit<HedgingOptions, 'budget'>]-?: number };

/**
 * Sends a request again when it takes longer than the observed p95. The first good answer counts; the other
 * request is aborted. A failed request is not sent again: that is the retry step's task. Second requests have
 * a budget, so that a storage in trouble gets a few percent more requests and not twice as many.
 */
export class Hedging {
  readonly #options: Resolved;
  readonly #timing: Timing;
  readonly #budget: TokenBudget;
  readonly #latencies = { read: new LatencyWindow(), stat: new LatencyWindow() };
  readonly #waiting = { read: 0, stat: 0 };
  #stats = { reads: 0, hedges: 0, wins: 0, refused: 0 };

  constructor(options: HedgingOptions, timing: Timing) {
    const { quantile = 0.95, minSamples = 20, minDelayMs = 10, maxDelayMs = 1000 } = options;
    const { maxWaiting = 2 ** 31 } = options;
    if (!(quantile > 0 && quantile < 1)) throw new TypeError('`quantile` must lie between 0 and 1');
    checkInteger('minSamples', minSamples, 1, 256);
    checkInteger('minDelayMs', minDelayMs, 0, 60_000);
    checkInteger('maxDelayMs', maxDelayMs, minDelayMs, 60_000);
    checkInteger('maxWaiting', maxWaiting, 1, 2 ** 31);
    this.#options = { quantile, minSamples, minDelayMs, maxDelayMs, maxWaiting };
    this.#timing = timing;
    this.#budget = new TokenBudget({ ratio: 0.05, burst: 5, ...options.budget });
  }

  get stats(): HedgingStats {
    return this.#stats;
  }

  /** How long a request may take before a second one is sent; null while too few latencies have been seen. */
  delayMs(kind: RequestKind): number | null {
    const { quantile, minSamples, minDelayMs, maxDelayMs } = this.#options;
    const latencies = this.#latencies[kind];
    if (latencies.size < minSamples) return null;
    return Math.min(maxDelayMs, Math.max(minDelayMs, latencies.quantile(quantile)));
  }

  /**
   * The answer of `send`, which is called once or twice. Rejects with the signal's reason as soon as `signal`
   * aborts.
   */
  run<T>(
    kind: RequestKind,
    signal: AbortSignal | undefined,
    send: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const begin = (own: Race<T>) => {
      this.#stats.reads += 1;
      this.#budget.earn();
      this.#waiting[kind] += 1;
      this.#steer(own, kind, send);
    };
    return race<T>(this.#timing, signal, begin, () => {
      this.#waiting[kind] -= 1;
    });
  }

  #steer<T>(own: Race<T>, kind: RequestKind, send: (signal: AbortSignal) => Promise<T>): void {
    const { maxWaiting } = this.#options;
    const began = this.#timing.now();
    let isFirstRunning = true;
    let firstError: unknown;

    const start = (isFirst: boolean) =>
      own.attempt(
        send,
        (value) => {
          // Counts the first request's latency even if it did not finish, so that the quantile describes
          // single requests.
          if (isFirst || isFirstRunning) this.#latencies[kind].add(this.#timing.now() - began);
          if (!isFirst) this.#stats.wins += 1;
          own.resolve(value);
        },
        (error) => {
          if (isFirst) isFirstRunning = false;
          // A failed request is not replaced, but the other one may still succeed.
          own.cancelTimer();
          firstError ??= error;
          if (isDefinite(error)) own.reject(error);
          else if (own.running === 0) own.reject(firstError);
        },
      );
    const hedge = (delay: number) => {
      if (this.#waiting[kind] > maxWaiting) own.after(Math.max(1, delay), () => hedge(delay));
      else if (this.#budget.spend()) {
        this.#stats.hedges += 1;
        start(false);
      } else this.#stats.refused += 1;
    };

    start(true);
    const delay = this.delayMs(kind);
    if (delay !== null) own.after(delay, () => hedge(delay));
  }
}

/**
 * True for an error about the object, which a second request would only repeat; false for one about the
 * storage's state.
 */
function isDefinite(error: unknown): boolean {
  return !isNearboxError(error, 'source_unavailable') || error instanceof ObjectTooLarge;
}
