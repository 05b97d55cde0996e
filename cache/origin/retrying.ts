/** Retried requests: a bounded number of attempts, within a budget, before a deadline. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  checkInteger,
  linkedSignal,
  NearboxError,
  TokenBudget,
  type TokenBudgetOptions,
} from '../foundation/index.ts';

export interface RetryOptions {
  /** The longest time of one call, all attempts and pauses included, milliseconds. */
  readonly timeoutMs: number;
  /** How often one request is sent at most; 1 means no retries. */
  readonly maxAttempts: number;
  /**
   * The pause before the first retry is a random part of this, milliseconds; it doubles with each retry, up
   * to 1 s.
   */
  readonly backoffMs: number;
  /** How many retries all calls together may add. Default: one for ten calls, ten in a burst. */
  readonly retryBudget?: TokenBudgetOptions | undefined;
}

export interface RetryStats {
  readonly attempts: number;
  readonly retries: number;
  /** Retries that were due but over the budget. */
  readonly refused: number;
}

/** A failure that a second attempt may not meet. */
export class TransientFailure extends NearboxError {
  /** The pause that the storage asks for, milliseconds. */
  readonly retryAfterMs: number | null;

  constructor(
    message: string,
    { cause, retryAfterMs = null }: { cause?: unknown; retryAfterMs?: number | null } = {},
  ) {
    super('source_unavailable', message, { cause });
    this.retryAfterMs = retryAfterMs;
  }
}

/** Longest pause before a retry. A storage that asks for a longer one is not asked again. */
const MAX_BACKOFF_MS = 1000;

export class Retrying {
  readonly #options: RetryOptions;
  readonly #budget: TokenBudget;
  #stats = { attempts: 0, retries: 0, refused: 0 };

  constructor(options: RetryOptions) {
    checkInteger('timeoutMs', options.timeoutMs, 1, 3_600_000);
    checkInteger('maxAttempts', options.maxAttempts, 1, 10);
    checkInteger('backoffMs', options.backoffMs, 0, 1000);
    this.#options = options;
    this.#budget = new TokenBudget(options.retryBudget);
  }

  get stats(): RetryStats {
    return this.#stats;
  }

  /**
   * The value of `attempt`, which is called with the number of the attempt: 1, then 2 after a
   * TransientFailure, and so on. Rejects with the signal's reason when `signal` aborts, with
   * `source_unavailable` at the deadline, and else as the last attempt did. `what` names the work in
   * messages.
   */
  async run<T>(
    what: () => string,
    signal: AbortSignal | undefined,
    attempt: (number: number, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { timeoutMs } = this.#options;
    let last: unknown;
    const { signal: within, close } = linkedSignal(signal, {
      afterMs: timeoutMs,
      reason: () =>
        new NearboxError('source_unavailable', `${what()}: no answer within ${timeoutMs} ms`, {
          cause: last,
        }),
    });
    this.#budget.earn();
    try {
      for (let number = 1; ; number += 1) {
        within.throwIfAborted();
        this.#stats.attempts += 1;
        try {
          return await attempt(number, within);
        } catch (error) {
          within.throwIfAborted();
          const pauseMs = this.#pauseMs(error, number);
          if (pauseMs === null) throw error;
          if (!this.#budget.spend()) {
            this.#stats.refused += 1;
            throw error;
          }
          this.#stats.retries += 1;
          last = error;
          await sleep(pauseMs, undefined, { signal: within });
        }
      }
    } catch (error) {
      // `sleep` rejects with an AbortError of its own.
      throw within.aborted ? within.reason : error;
    } finally {
      close();
    }
  }

  /** The pause before the next attempt; null if there is none. */
  #pauseMs(error: unknown, number: number): number | null {
    if (!(error instanceof TransientFailure) || number >= this.#options.maxAttempts) return null;
    const ceiling = Math.min(MAX_BACKOFF_MS, this.#options.backoffMs * 2 ** (number - 1));
    if (error.retryAfterMs === null) return Math.random() * ceiling;
    return error.retryAfterMs > MAX_BACKOFF_MS ? null : error.retryAfterMs;
  }
}
