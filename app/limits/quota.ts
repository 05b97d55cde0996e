/** One request's part of its caller's share. */
import { NearboxError } from '../../cache/index.ts';
import type { QuotaState, RateLimits } from './rate-limits.ts';

export class Quota {
  readonly #limits: RateLimits | null;
  readonly #caller: string;
  #share: QuotaState | undefined;

  /** `limits` null: there is no end to it. */
  constructor(limits: RateLimits | null, caller: string) {
    this.#limits = limits;
    this.#caller = caller;
  }

  /** @throws NearboxError `too_many_requests` if that is more than is left. */
  async spend(cost: number): Promise<void> {
    if (this.#limits === null) return;
    this.#share = await this.#limits.spend(this.#caller, cost);
    if (this.#share.isSpent)
      throw new NearboxError(
        'too_many_requests',
        `this caller’s share is used up; this request costs ${cost}`,
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
