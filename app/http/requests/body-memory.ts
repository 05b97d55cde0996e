/** What bodies that are being read take from memory together. Who finds no room waits for it. */
import { NearboxError } from '../../../cache/index.ts';

export interface BodyMemoryOptions {
  /** The most bytes of large bodies at a time. Default: 64 MiB. */
  readonly maxBytes?: number;
  /** A body up to this size needs no room: as much waits in the connection itself. Default: 64 KiB. */
  readonly smallBytes?: number;
  /** Bodies that may wait for room. Default: 1,024. */
  readonly maxWaiting?: number;
}

interface Waiter {
  readonly bytes: number;
  readonly begin: () => void;
}

export class BodyMemory {
  readonly #options: Required<BodyMemoryOptions>;
  readonly #waiting: Waiter[] = [];
  #used = 0;

  constructor(options: BodyMemoryOptions = {}) {
    this.#options = { maxBytes: 64 * 2 ** 20, smallBytes: 64 * 1024, maxWaiting: 1024, ...options };
  }

  /** Bytes that bodies have room for now. */
  get used(): number {
    return this.#used;
  }

  /**
   * Resolves with what gives the room back. A body with more bytes than there can be takes all of them.
   * @throws NearboxError `overloaded` if there is no room before the deadline or too many wait; the signal's
   *   reason if the client leaves.
   */
  async reserve(bytes: number, signal: AbortSignal): Promise<() => void> {
    const { maxBytes, smallBytes, maxWaiting } = this.#options;
    signal.throwIfAborted();
    if (bytes <= smallBytes) return () => {};
    const taken = Math.min(bytes, maxBytes);
    if (this.#waiting.length > 0 || this.#used + taken > maxBytes) {
      if (this.#waiting.length >= maxWaiting) throw noRoom();
      await this.#turn(taken, signal);
    } else this.#used += taken;
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      this.#used -= taken;
      this.#admit();
    };
  }

  #turn(bytes: number, signal: AbortSignal): Promise<void> {
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
  return new NearboxError('overloaded', 'too many large bodies are being read', { retryAfterSeconds: 1 });
}
