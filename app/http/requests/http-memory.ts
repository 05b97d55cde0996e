/**
 * What bodies that are being read and answers that are being written take from memory together. Who finds no
 * room waits for it.
 */
import { ByteBudget, isNearboxError, NearboxError } from '../../../cache/index.ts';

export interface HttpMemoryOptions {
  /** The most bytes of large bodies and answers at a time. Default: 64 MiB. */
  readonly maxBytes?: number;
  /** One up to this size needs no room: as much waits in the connection itself. Default: 64 KiB. */
  readonly smallBytes?: number;
  /** Requests that may wait for room. Default: 1,024. */
  readonly maxWaiting?: number;
}

/** Room that was taken. */
export interface HeldRoom {
  /**
   * Holds room for so many bytes instead: what is too much is given back.
   * @throws NearboxError `overloaded` if there is no room for more. It does not wait: others may wait for
   *   what it holds.
   */
  resize(bytes: number): void;
  /** Gives all of it back. Further calls do nothing. */
  release(): void;
}

export class HttpMemory {
  readonly #options: Required<HttpMemoryOptions>;
  readonly #budget: ByteBudget;

  constructor(options: HttpMemoryOptions = {}) {
    this.#options = { maxBytes: 64 * 2 ** 20, smallBytes: 64 * 1024, maxWaiting: 1024, ...options };
    this.#budget = new ByteBudget(this.#options.maxBytes);
  }

  /** Bytes that are taken now. */
  get used(): number {
    return this.#budget.stats().usedBytes;
  }

  /**
   * Resolves with the room. One that needs more than there can be takes all of it.
   * @throws NearboxError `overloaded` if there is no room before the deadline or too many wait; the signal's
   *   reason if the client leaves.
   */
  async reserve(bytes: number, signal: AbortSignal): Promise<HeldRoom> {
    signal.throwIfAborted();
    const wanted = this.#roomFor(bytes);
    if (wanted > 0 && this.#budget.stats().waiting >= this.#options.maxWaiting) throw noRoom();
    const held = await this.#budget.hold(wanted, { signal }).catch((reason: unknown) => {
      throw isNearboxError(reason, 'deadline_exceeded') ? noRoom() : reason;
    });
    return {
      resize: (next) => {
        if (!held.resize(this.#roomFor(next))) throw noRoom();
      },
      release: held.release,
    };
  }

  #roomFor(bytes: number): number {
    const { maxBytes, smallBytes } = this.#options;
    return bytes <= smallBytes ? 0 : Math.min(bytes, maxBytes);
  }
}

function noRoom(): NearboxError {
  return new NearboxError('overloaded', 'too many large bodies and answers are under way (--memory-bytes)', {
    retryAfterSeconds: 1,
  });
}
