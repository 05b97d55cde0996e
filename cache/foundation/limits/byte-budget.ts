/** Memory for work in progress: taken before the work begins, given back when it is done. */
import { NearboxError } from '../errors/index.ts';
import { whenAborted } from '../signals/index.ts';

/** Gives the memory back. Further calls do nothing. */
export type Release = () => void;

/** Memory that was taken. */
interface HeldBytes {
  /**
   * Holds so many bytes instead. Does not wait for more, because others may wait for what it holds.
   * @returns false if there is no room for more: then it holds what it did
   */
  resize(bytes: number): boolean;
  readonly release: Release;
}

export interface ReserveOptions {
  /** Gives up waiting; rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** On the clock of `performance.now()`: shortly before it, waiting ends as `overloaded`. Default: none. */
  readonly deadline?: number | undefined;
  /** Whose the work is. Default: nobody's, such work takes what is free. */
  readonly share?: string | undefined;
  /** Whether it is more for work that holds memory already: then its share counts, but does not limit it. */
  readonly isMore?: boolean | undefined;
}

export interface ByteBudgetStats {
  readonly usedBytes: number;
  readonly limitBytes: number;
  /** Reservations that wait. */
  readonly waiting: number;
}

interface WantedBytes {
  readonly bytes: number;
  readonly share: string | undefined;
  readonly isMore: boolean;
}

interface WaitingForBytes extends WantedBytes {
  begin(): void;
}

/** So that a refusal reaches the caller before its deadline does, milliseconds. */
const REFUSE_BEFORE_MS = 20;

/**
 * At most `limitBytes` at a time. Who does not fit waits, first come, first served: a large piece of work is
 * not overtaken for ever by small ones.
 *
 * A share that holds memory may take more only as long as it leaves as much free as it then holds (dynamic
 * threshold, as in FairLimiter). So one share whose work does not come to an end takes half, and however many
 * such shares there are, something is left for the next one. Work that waits for its own share is overtaken
 * by that of others.
 */
export class ByteBudget {
  readonly #limitBytes: number;
  readonly #waiting = new Set<WaitingForBytes>();
  readonly #held = new Map<string, number>();
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
  async reserve(bytes: number, options: ReserveOptions = {}): Promise<Release> {
    return (await this.hold(bytes, options)).release;
  }

  /** As `reserve`, for work that learns later how much it needs. 0 bytes need not wait. */
  async hold(
    bytes: number,
    { signal, deadline, share, isMore = false }: ReserveOptions = {},
  ): Promise<HeldBytes> {
    signal?.throwIfAborted();
    const wanted = { bytes, share, isMore };
    if (bytes > this.#limitBytes)
      throw new NearboxError(
        'region_too_large',
        `the request needs about ${mebibytes(bytes)} of memory, ${mebibytes(this.#limitBytes)} are available for requests (--memory-bytes)`,
      );
    if (bytes === 0 || (this.#waiting.size === 0 && this.#isRoomFor(wanted))) this.#count(share, bytes);
    else await this.#turn(wanted, signal, deadline);
    let held = bytes;
    let isReleased = false;
    const change = (next: number) => {
      this.#count(share, next - held);
      held = next;
      this.#admit();
    };
    return {
      resize: (next) => {
        if (isReleased) return true;
        if (next > held && this.#usedBytes + next - held > this.#limitBytes) return false;
        change(next);
        return true;
      },
      release: () => {
        if (isReleased) return;
        isReleased = true;
        change(0);
      },
    };
  }

  stats(): ByteBudgetStats {
    return { usedBytes: this.#usedBytes, limitBytes: this.#limitBytes, waiting: this.#waiting.size };
  }

  #isRoomFor({ bytes, share, isMore }: WantedBytes): boolean {
    const left = this.#limitBytes - this.#usedBytes - bytes;
    if (left < 0) return false;
    const held = this.#heldBy(share);
    return held === 0 || isMore || held + bytes <= left;
  }

  #heldBy(share: string | undefined): number {
    return share === undefined ? 0 : (this.#held.get(share) ?? 0);
  }

  #count(share: string | undefined, bytes: number): void {
    this.#usedBytes += bytes;
    if (share === undefined) return;
    const held = this.#heldBy(share) + bytes;
    if (held === 0) this.#held.delete(share);
    else this.#held.set(share, held);
  }

  /** Resolves when the bytes were taken for the one who waits. */
  #turn(wanted: WantedBytes, signal: AbortSignal | undefined, deadline: number | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (reason: unknown) => {
        this.#waiting.delete(waiting);
        settled();
        reject(reason);
        this.#admit();
      };
      const waitMs = (deadline ?? Number.POSITIVE_INFINITY) - REFUSE_BEFORE_MS - performance.now();
      const timer = Number.isFinite(waitMs)
        ? setTimeout(() => leave(noMemory()), Math.max(0, waitMs))
        : undefined;
      const settled = () => {
        clearTimeout(timer);
        unlink();
      };
      const waiting: WaitingForBytes = {
        ...wanted,
        begin: () => {
          settled();
          resolve();
        },
      };
      this.#waiting.add(waiting);
      const unlink = whenAborted(signal, leave);
      // Those before it may wait for shares of their own.
      this.#admit();
    });
  }

  /** Lets in those who wait, in their order, as long as there is room. */
  #admit(): void {
    const blocked = new Set<string>();
    for (const waiting of this.#waiting) {
      const { share, bytes, isMore } = waiting;
      const waitsForItsOwn = share !== undefined && !isMore && this.#heldBy(share) > 0;
      if (share !== undefined && blocked.has(share)) continue;
      if (this.#isRoomFor(waiting)) {
        this.#waiting.delete(waiting);
        this.#count(share, bytes);
        waiting.begin();
      } else if (waitsForItsOwn) blocked.add(share);
      else return;
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
