/** Those who wait for a place in a limiter. */
import { whenAborted } from '../signals/index.ts';

interface WaitingOne<Wish> {
  readonly wish: Wish;
  begin(): void;
}

/** A line that is left by a turn, or as soon as the signal of who waits aborts. */
export class WaitingLine<Wish> {
  readonly #line = new Set<WaitingOne<Wish>>();
  #joined = 0;

  get length(): number {
    return this.#line.size;
  }

  /** How many have waited, since the start. */
  get joined(): number {
    return this.#joined;
  }

  /** Resolves when `admit` lets this one in. @throws the reason of `signal`, which has not aborted yet */
  join(wish: Wish, signal: AbortSignal | undefined): Promise<void> {
    this.#joined += 1;
    return new Promise((resolve, reject) => {
      const one: WaitingOne<Wish> = {
        wish,
        begin() {
          unlink();
          resolve();
        },
      };
      const unlink = whenAborted(signal, (reason) => {
        this.#line.delete(one);
        reject(reason);
      });
      this.#line.add(one);
    });
  }

  /**
   * Lets in, in the order of the line, everyone whose wish `take` grants, until `isFull`.
   */
  admit(take: (wish: Wish) => boolean, isFull: () => boolean): void {
    for (const one of this.#line) {
      if (isFull()) return;
      if (!take(one.wish)) continue;
      this.#line.delete(one);
      one.begin();
    }
  }
}
