/** The part of its caller's rate limit that one request uses. */
import { NearboxError } from '../../cache/index.ts';
import type { QuotaState, RateLimits } from './rate-limits.ts';

export class Quota {
  readonly #limits: RateLimits | null;
  /** The name of a key, or an address. */
  readonly caller: string;
  #state: QuotaState | undefined;

  /** `limits` null: rate limiting is off. */
  constructor(limits: RateLimits | null, caller: string) {
    this.#limits = limits;
    this.caller = caller;
  }

  /** @throws NearboxError `too_many_requests` if less than `cost` is left. */
  async spend(cost: number): Promise<void> {
    if (this.#limits === null) return;
    this.#state = await this.#limits.spend(this.caller, cost);
    if (this.#state.isSpent)
      throw new NearboxError(
        'too_many_requests',
        `the rate limit of this caller is exceeded; this request costs ${cost}`,
        {
          retryAfterSeconds: Math.max(1, this.#state.resetSeconds),
        },
      );
  }

  /** The RateLimit headers; none before the first `spend`. */
  headers(): Record<string, string> {
    return this.#state === undefined ? {} : this.#limits!.headers(this.#state);
  }
}
