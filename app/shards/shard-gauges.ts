/**
 * How busy a shard is, in memory that both threads see: the main thread looks at it for every question,
 * without a message.
 */

/** Places in the shared memory. */
const WAIT_MICROS = 0;

export class ShardGauges {
  readonly #cells: Int32Array;

  /** @param memory From `ShardGauges.allocate()`, in this thread or another. */
  constructor(memory: SharedArrayBuffer) {
    this.#cells = new Int32Array(memory);
  }

  static allocate(): SharedArrayBuffer {
    return new SharedArrayBuffer(4 * Int32Array.BYTES_PER_ELEMENT);
  }

  /** How long a question that came now would wait for the network, milliseconds. */
  get waitMs(): number {
    return Atomics.load(this.#cells, WAIT_MICROS) / 1000;
  }

  set waitMs(ms: number) {
    Atomics.store(this.#cells, WAIT_MICROS, Math.min(2 ** 31 - 1, Math.round(1000 * ms)));
  }
}
