/** Limits extra work: retries and hedged requests. */

export interface TokenBudgetOptions {
  /** Tokens that each piece of asked-for work pays in: 0.1 allows one extra piece in ten. Default: 0.1. */
  readonly ratio?: number;
  /**
   * The most tokens that are saved up, and what the budget begins with: how many extras may come in a burst.
   * Default: 10.
   */
  readonly burst?: number;
}

/**
 * A budget without a clock: each piece of work adds `ratio` tokens, each extra piece takes one. When
 * everything fails, extra work soon stops at `ratio` of the work, so that an outage does not double the load.
 */
export class TokenBudget {
  readonly #ratio: number;
  readonly #burst: number;
  #tokens: number;

  constructor({ ratio = 0.1, burst = 10 }: TokenBudgetOptions = {}) {
    if (!(ratio >= 0 && ratio <= 1)) throw new TypeError('`ratio` must lie between 0 and 1');
    if (!(burst >= 0 && burst <= 1e6)) throw new TypeError('`burst` must lie between 0 and 1000000');
    this.#ratio = ratio;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** A piece of asked-for work has begun. */
  earn(): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + this.#ratio);
  }

  /** Takes a token for an extra piece; false if there is none. */
  spend(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
