/** Reads from a disk that may be slow or hang: limited in number and in time. */

import type { Timing } from '../foundation/index.ts';
import { Limiter, linkedSignal, whenAborted } from '../foundation/index.ts';

export interface DiskReadsOptions {
  /** Reads at once. */
  readonly limit: number;
  /** How long a read is waited for, milliseconds. */
  readonly timeoutMs: number;
  readonly timing: Timing;
}

/** What `run` gives when the read was not over in time. */
export const GAVE_UP = Symbol('gave up');

/**
 * A read that has begun cannot be cancelled: it keeps one of Node's few file threads until it returns. So
 * abandoned reads still count towards the limit. While they hold all places, the disk is not read; the tier
 * goes on as soon as one of them returns.
 */
export class DiskReads {
  readonly #options: DiskReadsOptions;
  readonly #places: Limiter;
  readonly #running = new Set<Promise<unknown>>();
  #stuck = 0;

  constructor(options: DiskReadsOptions) {
    this.#options = options;
    this.#places = new Limiter(options.limit);
  }

  /** Resolves when no read is under way, those that were given up included. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /**
   * Resolves with what `read` gives, or `GAVE_UP`. Rejects with the signal's reason if `signal` aborts.
   * `read` must not reject.
   */
  run<T>(read: () => Promise<T>, signal?: AbortSignal): Promise<T | typeof GAVE_UP> {
    const { limit, timeoutMs, timing } = this.#options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#stuck >= limit) return Promise.resolve(GAVE_UP);
    return new Promise((resolve, reject) => {
      const queue = linkedSignal(undefined);
      let begun = false;
      let left = false;
      const leave = (settle: () => void) => {
        settled();
        left = true;
        if (begun) this.#stuck += 1;
        else queue.abort();
        settle();
      };
      const callOff = timing.after(timeoutMs, () => leave(() => resolve(GAVE_UP)));
      const unlink = whenAborted(signal, (reason) => leave(() => reject(reason)));
      const settled = () => {
        callOff();
        unlink();
      };

      const work = () => {
        begun = true;
        const reading = read();
        this.#running.add(reading);
        return reading.finally(() => this.#running.delete(reading));
      };
      this.#places.run(work, queue.signal).then(
        (value) => {
          if (left) {
            this.#stuck -= 1;
            return;
          }
          settled();
          resolve(value);
        },
        // Only a read that was abandoned in the queue gets here; its caller already has an answer.
        () => {},
      );
    });
  }
}
