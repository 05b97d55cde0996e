/**
 * Takes in the body of an answer. Memory is taken for bytes that have arrived, not for bytes that are
 * announced.
 */

import type { BufferPool } from '../../foundation/index.ts';

/** A body that has more or fewer bytes than were announced. */
export class WrongLength extends Error {}

/** A body that goes on after the limit. */
export class OverLimit extends Error {
  readonly limit: number;

  constructor(limit: number) {
    super(`more than ${limit} bytes came`);
    this.limit = limit;
  }
}

export interface BodyPlan {
  /** How many bytes there must be; null if that is not announced. */
  readonly length: number | null;
  /** The most bytes to take in. */
  readonly limit: number;
  /** Where the memory comes from; `finish` may then return bytes in a longer buffer. Default: new memory. */
  readonly buffers?: BufferPool | undefined;
}

/** A buffer begins with at most this many bytes and doubles as more arrive. */
const FIRST_BYTES = 1024 * 1024;
/** Where no length is announced. */
const FIRST_BYTES_UNANNOUNCED = 16 * 1024;

export class BodySink {
  readonly #plan: BodyPlan;
  #bytes: Uint8Array<ArrayBuffer>;
  #filled = 0;

  constructor(plan: BodyPlan) {
    this.#plan = plan;
    const first = plan.length === null ? FIRST_BYTES_UNANNOUNCED : Math.min(FIRST_BYTES, plan.length);
    this.#bytes = new Uint8Array(plan.buffers?.take(first) ?? new ArrayBuffer(first), 0, first);
  }

  /** Throws WrongLength or OverLimit. */
  add(chunk: Uint8Array): void {
    const { length, limit } = this.#plan;
    const filled = this.#filled + chunk.length;
    if (length !== null && filled > length) throw new WrongLength(`more than ${length} bytes came`);
    if (filled > limit) throw new OverLimit(limit);
    if (filled > this.#bytes.length) this.#grow(filled);
    this.#bytes.set(chunk, this.#filled);
    this.#filled = filled;
  }

  /**
   * All bytes, over a buffer of their own, which may be longer if it is of a pool. Throws WrongLength if some
   * are missing.
   */
  finish(): Uint8Array<ArrayBuffer> {
    const { length } = this.#plan;
    if (length !== null && this.#filled !== length)
      throw new WrongLength(`${this.#filled} of ${length} bytes came`);
    return this.#filled === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.#filled);
  }

  #grow(needed: number): void {
    const most = this.#plan.length ?? this.#plan.limit;
    const size = Math.min(most, Math.max(needed, 2 * this.#bytes.length));
    const { buffers } = this.#plan;
    const grown = new Uint8Array(buffers?.take(size) ?? new ArrayBuffer(size), 0, size);
    grown.set(this.#bytes.subarray(0, this.#filled));
    buffers?.give(this.#bytes.buffer);
    this.#bytes = grown;
  }
}
