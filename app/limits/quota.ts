/** The part of its caller's rate limit that one request uses. */
import { NearboxError } from '../../cache/index.ts';
import type { QuotaState, RateLimits } from './rate-limits.ts';

export class Quota {
  readonly #limits: RateLimits | null;
  /** The name of a key, or an address. */
  readonly caller: string;
  #share: QuotaState | undefined;

  /** `limits` null: rate limiting is off. */
  constructor(limits: RateLimits | null, caller: string) {
    this.#limits = limits;
    this.caller = caller;
  }

  /** @throws NearboxError `too_many_requests` if less than `cost` is left. */
  async spend(cost: number): Promise<void> {
    if (this.#limits === null) return;
    this.#share = await this.#limits.spend(this.caller, cost);
    if (this.#share.isSpent)
      throw new NearboxError(
        'too_many_requests',
        `the rate limit of this caller is exceeded; this request costs ${cost}`,
        {
          retryAfterSeconds: Math.max(1, this.#share.resetSeconds),
        },
      );
  }

  /** The RateLimit headers; none before the first `spend`. */
  headers(): Record<string, string> {
    return this.#share === undefined ? {} : this.#limits!.headers(this.#share);
  }
}
