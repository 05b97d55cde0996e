/** Where the process stands between its start and its end. */

export type LifecycleState = 'starting' | 'ready' | 'draining';

/** Moves one way only: starting, ready, draining. */
export class Lifecycle {
  #state: LifecycleState = 'starting';

  get state(): LifecycleState {
    return this.#state;
  }

  /** Everything is warm. Has no effect once draining has begun. */
  ready(): void {
    if (this.#state === 'starting') this.#state = 'ready';
  }

  /** No new work from here on. */
  drain(): void {
    this.#state = 'draining';
  }
}
