/**
 * What bodies that are being read and answers that are being written take from memory together. Who finds no room waits
 * for it.
 */
import { NearboxError } from '../../../cache/index.ts';

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
   * @throws NearboxError `overloaded` if there is no room for more. It does not wait: others may wait for what it holds.
   */
  resize(bytes: number): void;
  /** Gives all of it back. Further calls do nothing. */
  release(): void;
}

interface Waiter {
  readonly bytes: number;
  readonly begin: () => void;
}

export class HttpMemory {
  readonly #options: Required<HttpMemoryOptions>;
  readonly #waiting: Waiter[] = [];
  #used = 0;

  constructor(options: HttpMemoryOptions = {}) {
    this.#options = { maxBytes: 64 * 2 ** 20, smallBytes: 64 * 1024, maxWaiting: 1024, ...options };
  }

  /** Bytes that are taken now. */
  get used(): number {
    return this.#used;
  }

  /**
   * Resolves with the room. One that needs more than there can be takes all of it.
   * @throws NearboxError `overloaded` if there is no room before the deadline or too many wait; the signal's
   *   reason if the client leaves.
   */
  async reserve(bytes: number, signal: AbortSignal): Promise<HeldRoom> {
    signal.throwIfAborted();
    const wanted = this.#roomFor(bytes);
    if (this.#waiting.length === 0 && this.#used + wanted <= this.#options.maxBytes) this.#used += wanted;
    else if (wanted > 0) await this.#turn(wanted, signal);
    let held = wanted;
    let isReleased = false;
    const hold = (next: number) => {
      this.#used += next - held;
      held = next;
      this.#admit();
    };
    return {
      resize: (more) => {
        if (isReleased) return;
        const next = this.#roomFor(more);
        if (next > held && this.#used + next - held > this.#options.maxBytes) throw noRoom();
        hold(next);
      },
      release: () => {
        isReleased = true;
        hold(0);
      },
    };
  }

  #roomFor(bytes: number): number {
    const { maxBytes, smallBytes } = this.#options;
    return bytes <= smallBytes ? 0 : Math.min(bytes, maxBytes);
  }

  #turn(bytes: number, signal: AbortSignal): Promise<void> {
    if (this.#waiting.length >= this.#options.maxWaiting) return Promise.reject(noRoom());
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        const { reason } = signal;
        const isLate = reason instanceof NearboxError && reason.code === 'deadline_exceeded';
        reject(isLate ? noRoom() : reason);
        this.#admit();
      };
      const waiter: Waiter = {
        bytes,
        begin: () => {
          signal.removeEventListener('abort', leave);
          this.#used += bytes;
          resolve();
        },
      };
      this.#waiting.push(waiter);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  /** In the order in which they came. */
  #admit(): void {
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      if (this.#used + next.bytes > this.#options.maxBytes) return;
      this.#waiting.shift();
      next.begin();
    }
  }
}

function noRoom(): NearboxError {
  return new NearboxError('overloaded', 'too many large bodies and answers are under way (--memory-bytes)', {
    retryAfterSeconds: 1,
  });
}
