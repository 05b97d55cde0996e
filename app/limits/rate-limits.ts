/** How much each caller may ask for in a window of time. Kept in memory: every instance counts for itself. */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

export interface RateLimitOptions {
  /** What a caller may spend in a window. A tile costs 1, a prediction 10: the routes say it. */
  readonly points: number;
  readonly windowSeconds: number;
  /**
   * Callers that are remembered; beyond these, the one that was not heard of for the longest time starts
   * anew.
   */
  readonly maxCallers: number;
}

/** What is left of a caller's share. */
export interface QuotaState {
  readonly isSpent: boolean;
  readonly left: number;
  /** Until the window ends and the share is whole again, seconds. */
  readonly resetSeconds: number;
}

export class RateLimits {
  readonly #options: RateLimitOptions;
  readonly #limiter: RateLimiterMemory;
  /** The one that was not heard of for the longest time first. */
  readonly #callers = new Set<string>();

  constructor(options: RateLimitOptions) {
    for (const name of ['points', 'windowSeconds', 'maxCallers'] as const)
      if (!Number.isSafeInteger(options[name]) || options[name] < 1)
        throw new TypeError(`\`${name}\` must be a positive integer`);
    this.#options = options;
    this.#limiter = new RateLimiterMemory({ points: options.points, duration: options.windowSeconds });
  }

  /** Callers that are remembered. */
  get size(): number {
    return this.#callers.size;
  }

  async spend(caller: string, cost: number): Promise<QuotaState> {
    await this.#remember(caller);
    // The library rejects with its own answer where nothing is left.
    const answer = await this.#limiter.consume(caller, cost).catch((refusal: unknown) => {
      if (refusal instanceof RateLimiterRes) return refusal;
      throw refusal;
    });
    return {
      isSpent: answer.consumedPoints > this.#options.points,
      left: answer.remainingPoints,
      resetSeconds: Math.ceil(answer.msBeforeNext / 1000),
    };
  }

  /** draft-ietf-httpapi-ratelimit-headers: the policy, and what is left of it. */
  headers({ left, resetSeconds }: QuotaState): Record<string, string> {
    const { points, windowSeconds } = this.#options;
    return {
      'ratelimit-policy': `"caller";q=${points};w=${windowSeconds}`,
      ratelimit: `"caller";r=${left};t=${resetSeconds}`,
    };
  }

  async #remember(caller: string): Promise<void> {
    this.#callers.delete(caller);
    this.#callers.add(caller);
    if (this.#callers.size <= this.#options.maxCallers) return;
    const [oldest] = this.#callers;
    this.#callers.delete(oldest!);
    await this.#limiter.delete(oldest!);
  }
}
