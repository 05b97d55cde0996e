/**
 * Signs of life of a worker thread, in memory that the thread and who started it see: no message has to be
 * read for them.
 */

/** Places in the shared memory. */
const BEATS = 0;
/** How many pieces of native code the thread is in, or CONDEMNED. */
const NATIVE = 1;
const CONDEMNED = -1;

export class ThreadPulse {
  readonly #cells: Int32Array<SharedArrayBuffer>;

  /** @param memory From `ThreadPulse.allocate()`, in this thread or another. */
  constructor(memory: SharedArrayBuffer) {
    this.#cells = new Int32Array(memory);
  }

  static allocate(): SharedArrayBuffer {
    return new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
  }

  /** Changes while the event loop of the thread turns; 0 before its first beat. */
  get beats(): number {
    return Atomics.load(this.#cells, BEATS);
  }

  beat(): void {
    Atomics.add(this.#cells, BEATS, 1);
  }

  get isInNative(): boolean {
    return Atomics.load(this.#cells, NATIVE) > 0;
  }

  /**
   * The thread is about to run code that must not be torn down. A condemned thread goes no further: it waits
   * for its end.
   */
  enterNative(): void {
    for (;;) {
      const depth = Atomics.load(this.#cells, NATIVE);
      if (depth === CONDEMNED) Atomics.wait(this.#cells, NATIVE, CONDEMNED);
      else if (Atomics.compareExchange(this.#cells, NATIVE, depth, depth + 1) === depth) return;
    }
  }

  leaveNative(): void {
    Atomics.sub(this.#cells, NATIVE, 1);
  }

  /**
   * Whoever gets true is to end the thread: it will not enter native code any more. False while it is in
   * some, and after the first time.
   */
  condemn(): boolean {
    return Atomics.compareExchange(this.#cells, NATIVE, 0, CONDEMNED) === 0;
  }
}
