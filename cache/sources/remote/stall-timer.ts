/** Ends a request that makes no progress. */

/**
 * One time limit at a time. An answer that has arrived but has not been looked at, because this thread was
 * busy, still counts: timers run before input does, so the limit lets the input have its turn first.
 */
export class StallTimer {
  readonly #onStall: (reason: Error) => void;
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;

  constructor(onStall: (reason: Error) => void) {
    this.#onStall = onStall;
  }

  /** Calls `onStall` with `reason()` after `ms` without `refresh`. Replaces the limit before. */
  limit(ms: number, reason: () => Error): void {
    this.clear();
    this.#timer = setTimeout(() => {
      this.#turn = setImmediate(() => this.#onStall(reason()));
    }, ms);
  }

  /** Starts the present limit anew. */
  refresh(): void {
    clearImmediate(this.#turn);
    this.#timer?.refresh();
  }

  clear(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
    this.#timer = undefined;
  }
}
