/** Bounds how much work is under way at once, so that no key can take all of it. */

interface WaitingForTurn {
  readonly key: string;
  begin(): void;
}

/**
 * At most `limit` pieces of work at a time. A key may take a place only as long as it leaves at least as many
 * free as it then holds (the dynamic threshold of Choudhury and Hahne, "Dynamic queue length thresholds for
 * shared-memory packet switches", 1998, with a factor of one): a key alone takes half of the places, and
 * however many keys hold theirs for ever, something is left for the next one.
 */
export class FairLimiter {
  readonly #limit: number;
  readonly #held = new Map<string, number>();
  readonly #waiting = new Set<WaitingForTurn>();
  #running = 0;
  #waited = 0;

  constructor(limit: number) {
    if (!Number.isSafeInteger(limit) || limit < 1) throw new TypeError('`limit` must be a positive integer');
    this.#limit = limit;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Pieces of work that had to wait, since the start. */
  get waited(): number {
    return this.#waited;
  }

  /** A piece whose signal aborts while it waits is never begun. */
  async run<Value>(key: string, work: () => Promise<Value>, signal?: AbortSignal): Promise<Value> {
    signal?.throwIfAborted();
    if (this.#mayBegin(key)) this.#take(key);
    else await this.#turn(key, signal);
    try {
      return await work();
    } finally {
      this.#give(key);
    }
  }

  #mayBegin(key: string): boolean {
    const held = this.#held.get(key) ?? 0;
    const free = this.#limit - this.#running;
    return free > 0 && held < free;
  }

  #take(key: string): void {
    this.#running += 1;
    this.#held.set(key, (this.#held.get(key) ?? 0) + 1);
  }

  #give(key: string): void {
    this.#running -= 1;
    const held = this.#held.get(key)! - 1;
    if (held === 0) this.#held.delete(key);
    else this.#held.set(key, held);
    for (const waiting of this.#waiting) {
      if (this.#running >= this.#limit) return;
      if (!this.#mayBegin(waiting.key)) continue;
      this.#waiting.delete(waiting);
      this.#take(waiting.key);
      waiting.begin();
    }
  }

  /** Resolves when a place was taken. */
  #turn(key: string, signal?: AbortSignal): Promise<void> {
    this.#waited += 1;
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(waiting);
        reject(signal?.reason);
      };
      const waiting: WaitingForTurn = {
        key,
        begin() {
          signal?.removeEventListener('abort', leave);
          resolve();
        },
      };
      this.#waiting.add(waiting);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }
}
