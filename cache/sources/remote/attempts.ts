/** Tries a request again while that makes sense: a bounded number of times, within a budget, before a deadline. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Limiter, NearboxError, TokenBudget } from '../../foundation/index.ts';
import type { RemoteLimits } from './options.ts';
import { TransientFailure } from './transport.ts';
import { Watch } from './watch.ts';

/** Longest wait before a retry. A storage that asks for more is not waited for. */
const MAX_BACKOFF_MS = 1000;

export interface Attempt {
  /** 1 for the first. */
  readonly number: number;
  readonly watch: Watch;
}

export class Attempts {
  readonly #limits: RemoteLimits;
  readonly #budget: TokenBudget;
  readonly #places: Limiter;

  constructor(limits: RemoteLimits) {
    this.#limits = limits;
    this.#budget = new TokenBudget(limits.retryBudget);
    this.#places = new Limiter(limits.maxConnections);
  }

  /**
   * What `work` gives. Rejects with the signal's reason when `signal` aborts, with `source_unavailable` at the deadline, and else with what
   * the last attempt rejected with. `what` names the work in messages.
   */
  async run<T>(
    what: string,
    signal: AbortSignal | undefined,
    work: (attempt: Attempt) => Promise<T>,
  ): Promise<T> {
    const { timeoutMs } = this.#limits;
    const whole = new Watch(signal);
    let last: unknown;
    whole.limit(
      timeoutMs,
      () =>
        new NearboxError('source_unavailable', `${what}: no answer within ${timeoutMs} ms`, { cause: last }),
    );
    try {
      this.#budget.earn();
      for (let number = 1; ; number += 1) {
        try {
          return await this.#places.run(() => this.#attempt(number, whole.signal, work), whole.signal);
        } catch (error) {
          whole.signal.throwIfAborted();
          const waitMs = this.#retryAfterMs(error, number);
          if (waitMs === null || !this.#budget.spend()) throw error;
          last = error;
          await sleep(waitMs, undefined, { signal: whole.signal });
        }
      }
    } catch (error) {
      // Also what `sleep` makes of an abort.
      throw whole.signal.aborted ? whole.signal.reason : error;
    } finally {
      whole.dispose();
    }
  }

  async #attempt<T>(number: number, signal: AbortSignal, work: (attempt: Attempt) => Promise<T>): Promise<T> {
    const watch = new Watch(signal);
    try {
      return await work({ number, watch });
    } catch (error) {
      throw watch.signal.aborted ? watch.signal.reason : error;
    } finally {
      // Nothing of an attempt outlives it: neither its request nor its body.
      watch.abort(new Error('the attempt is over'));
      watch.dispose();
    }
  }

  /** How long to wait before the next attempt, or null if there should be none. */
  #retryAfterMs(error: unknown, number: number): number | null {
    if (!(error instanceof TransientFailure) || number >= this.#limits.maxAttempts) return null;
    const ceiling = Math.min(MAX_BACKOFF_MS, this.#limits.backoffMs * 2 ** (number - 1));
    if (error.retryAfterMs === null) return Math.random() * ceiling;
    return error.retryAfterMs > MAX_BACKOFF_MS ? null : error.retryAfterMs;
  }
}
