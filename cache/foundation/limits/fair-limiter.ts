/** Bounds how much work is under way at once, so that no key can take all of it. */
import { WaitingLine } from './waiting-line.ts';

/**
 * At most `limit` pieces of work at a time. A key may take a place only as long as it leaves at least as many
 * free as it then holds (the dynamic threshold of Choudhury and Hahne, "Dynamic queue length thresholds for
 * shared-memory packet switches", 1998, with a factor of one): a key alone takes half of the places, and
 * however many keys hold theirs for ever, something is left for the next one.
 */
export class FairLimiter {
  readonly #limit: number;
  readonly #held = new Map<string, number>();
  /** The keys of those who wait. */
  readonly #line = new WaitingLine<string>();
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

  /** A piece whose signal aborts while it waits is never begun. */
  async run<Value>(key: string, work: () => Promise<Value>, signal?: AbortSignal): Promise<Value> {
    signal?.throwIfAborted();
    if (!this.#take(key)) await this.#line.join(key, signal);
    try {
      return await work();
    } finally {
      this.#give(key);
    }
  }

  readonly #take = (key: string): boolean => {
    const held = this.#held.get(key) ?? 0;
    const free = this.#limit - this.#running;
    if (held >= free) return false;
    this.#running += 1;
    this.#held.set(key, held + 1);
    return true;
  };

  #give(key: string): void {
    this.#running -= 1;
    const held = this.#held.get(key)! - 1;
    if (held === 0) this.#held.delete(key);
    else this.#held.set(key, held);
    this.#line.admit(this.#take, () => this.#running >= this.#limit);
  }
}
