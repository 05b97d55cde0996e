/** Limits how much work is under way at once. */
import { WaitingLine } from './waiting-line.ts';

/**
 * At most `limit` pieces of work at a time; the rest wait, first come, first served.
 * Work whose signal aborts while it waits never begins.
 */
export class Limiter {
  readonly #limit: number;
  readonly #line = new WaitingLine<null>();
  #running = 0;

  constructor(limit: number) {
    if (!Number.isSafeInteger(limit) || limit < 1) throw new TypeError('`limit` must be a positive integer');
    this.#limit = limit;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#line.length;
  }

  /** Pieces of work that had to wait, since the start. */
  get waited(): number {
    return this.#line.joined;
  }

  async run<Value>(work: () => Promise<Value>, signal?: AbortSignal): Promise<Value> {
    signal?.throwIfAborted();
    if (!this.#take()) await this.#line.join(null, signal);
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#line.admit(this.#take, () => this.#running >= this.#limit);
    }
  }

  readonly #take = (): boolean => {
    if (this.#running >= this.#limit) return false;
    this.#running += 1;
    return true;
  };
}
