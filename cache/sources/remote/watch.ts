/** An abort signal that lets go of what it listens to. */

/**
 * A signal of its own that follows a parent and one time limit. `AbortSignal.any` and `AbortSignal.timeout` would do the same, but leak
 * with a parent that lives long (nodejs/node#54614); this one lets go of both in `dispose`.
 */
export class Watch {
  readonly #controller = new AbortController();
  readonly #parent: AbortSignal | undefined;
  readonly #follow = () => this.#controller.abort(this.#parent?.reason);
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;

  constructor(parent?: AbortSignal) {
    this.#parent = parent;
    if (parent?.aborted) this.#follow();
    else parent?.addEventListener('abort', this.#follow, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /**
   * Aborts with `reason()` after `ms`. Takes the place of the limit before. An answer that is there already but has not been looked at, because
   * this thread was busy meanwhile, still counts: timers run before input does, so the limit lets the input have its turn first.
   */
  limit(ms: number, reason: () => Error): void {
    this.#release();
    this.#timer = setTimeout(() => {
      this.#turn = setImmediate(() => this.#controller.abort(reason()));
    }, ms);
  }

  /** Begins the present limit anew. */
  refresh(): void {
    clearImmediate(this.#turn);
    this.#timer?.refresh();
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  dispose(): void {
    this.#release();
    this.#parent?.removeEventListener('abort', this.#follow);
  }

  #release(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
    this.#timer = undefined;
  }
}
