/** What one request spends of the rate limit of its caller. */
import { NearboxError } from '../../cache/index.ts';
import type { QuotaState, RateLimits } from './rate-limits.ts';

export class Quota {
  readonly #limits: RateLimits | null;
  /** Who asks: the name of a key, or an address. */
  readonly caller: string;
  #share: QuotaState | undefined;

  /** `limits` null: rate limiting is off. */
  constructor(limits: RateLimits | null, caller: string) {
    this.#limits = limits;
    this.caller = caller;
  }

  /** @throws NearboxError `too_many_requests` if that is more than is left. */
  async spend(cost: number): Promise<void> {
    if (this.#limits === null) return;
    this.#share = await this.#limits.spend(this.caller, cost);
    if (this.#share.isSpent)
      throw new NearboxError(
        'too_many_requests',
        `the rate limit of this caller is used up; this request costs ${cost}`,
        {
          retryAfterSeconds: Math.max(1, this.#share.resetSeconds),
        },
      );
  }

  /** Headers that say what is left, once something was spent. */
  headers(): Record<string, string> {
    return this.#share === undefined ? {} : this.#limits!.headers(this.#share);
  }
}
