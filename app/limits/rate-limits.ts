/** Rate limits per caller and time window. Counted in memory: each instance counts separately. */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

export interface RateLimitOptions {
  /** Points that a caller may spend in one window. Routes define their costs: a tile 1, a prediction 10. */
  readonly points: number;
  readonly windowSeconds: number;
  /**
   * How many callers are counted. When there are more, the count of the least recent one is dropped.
   */
  readonly maxCallers: number;
}

/** The state of a caller's quota. */
export interface QuotaState {
  readonly isSpent: boolean;
  readonly left: number;
  /** Time until the window ends and the quota is full again, seconds. */
  readonly resetSeconds: number;
}

export class RateLimits {
  readonly #options: RateLimitOptions;
  readonly #limiter: RateLimiterMemory;
  /** Least recent first. */
  readonly #callers = new Set<string>();

  constructor(options: RateLimitOptions) {
    for (const name of ['points', 'windowSeconds', 'maxCallers'] as const)
      if (!Number.isSafeInteger(options[name]) || options[name] < 1)
        throw new TypeError(`\`${name}\` must be a positive integer`);
    this.#options = options;
    this.#limiter = new RateLimiterMemory({ points: options.points, duration: options.windowSeconds });
  }

  /** Callers that are counted. */
  get size(): number {
    return this.#callers.size;
  }

  async spend(caller: string, cost: number): Promise<QuotaState> {
    await this.#remember(caller);
    // The library rejects with its own result when nothing is left.
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

  /** The headers of draft-ietf-httpapi-ratelimit-headers: the policy and what is left. */
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
