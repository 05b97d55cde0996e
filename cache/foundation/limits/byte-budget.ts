/** Memory for work in progress: taken before the work begins, given back when it is done. */
import { NearboxError } from '../errors/index.ts';

/** Gives the memory back. Further calls do nothing. */
export type Release = () => void;

export interface ReserveOptions {
  /** Gives up waiting; rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** On the clock of `performance.now()`: shortly before it, waiting ends as `overloaded`. Default: none. */
  readonly deadline?: number | undefined;
}

export interface ByteBudgetStats {
  readonly usedBytes: number;
  readonly limitBytes: number;
  /** Reservations that wait. */
  readonly waiting: number;
}

interface WaitingForBytes {
  readonly bytes: number;
  begin(): void;
}

/** So that a refusal reaches the caller before its deadline does, milliseconds. */
const REFUSE_BEFORE_MS = 20;

/**
 * At most `limitBytes` at a time. Who does not fit waits, first come, first served: a large piece of work is
 * not overtaken for ever by small ones.
 */
export class ByteBudget {
  readonly #limitBytes: number;
  readonly #waiting = new Set<WaitingForBytes>();
  #usedBytes = 0;

  constructor(limitBytes: number) {
    if (!Number.isSafeInteger(limitBytes) || limitBytes < 1)
      throw new TypeError('`limitBytes` must be a positive integer');
    this.#limitBytes = limitBytes;
  }

  /**
   * Resolves when there is room for `bytes`.
   * @throws NearboxError `region_too_large` if there never will be, `overloaded` if there is none until the
   *   deadline; the signal's reason.
   */
  async reserve(bytes: number, { signal, deadline }: ReserveOptions = {}): Promise<Release> {
    signal?.throwIfAborted();
    if (bytes > this.#limitBytes)
      throw new NearboxError(
        'region_too_large',
        `the request needs about ${mebibytes(bytes)} of memory, ${mebibytes(this.#limitBytes)} are available for requests (--memory-bytes)`,
      );
    if (this.#waiting.size > 0 || this.#usedBytes + bytes > this.#limitBytes)
      await this.#turn(bytes, signal, deadline);
    else this.#usedBytes += bytes;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#usedBytes -= bytes;
      this.#admit();
    };
  }

  stats(): ByteBudgetStats {
    return { usedBytes: this.#usedBytes, limitBytes: this.#limitBytes, waiting: this.#waiting.size };
  }

  /** Resolves when the bytes were taken for the one who waits. */
  #turn(bytes: number, signal: AbortSignal | undefined, deadline: number | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (reason: unknown) => {
        this.#waiting.delete(waiting);
        settled();
        reject(reason);
        this.#admit();
      };
      const abort = () => leave(signal?.reason);
      const waitMs = (deadline ?? Number.POSITIVE_INFINITY) - REFUSE_BEFORE_MS - performance.now();
      const timer = Number.isFinite(waitMs)
        ? setTimeout(() => leave(noMemory()), Math.max(0, waitMs))
        : undefined;
      const settled = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      };
      const waiting: WaitingForBytes = {
        bytes,
        begin: () => {
          settled();
          resolve();
        },
      };
      this.#waiting.add(waiting);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Lets in those who wait, in their order, as long as there is room. */
  #admit(): void {
    for (const waiting of this.#waiting) {
      if (this.#usedBytes + waiting.bytes > this.#limitBytes) return;
      this.#waiting.delete(waiting);
      this.#usedBytes += waiting.bytes;
      waiting.begin();
    }
  }
}

function noMemory(): NearboxError {
  return new NearboxError('overloaded', 'no memory became free before the deadline (--memory-bytes)', {
    retryAfterSeconds: 1,
  });
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
