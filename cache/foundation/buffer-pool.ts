/**
 * Large buffers that are used again. Every new buffer has to be cleared page by page, counts as external
 * memory of V8 and so calls for a full collection sooner; what is used again costs neither (docs/speed.md).
 */

interface BufferPoolStats {
  /** Buffers that were taken, and those of them that had been given back before. */
  readonly taken: number;
  readonly reused: number;
  /** Bytes that wait to be taken again. */
  readonly freeBytes: number;
}

/** Smaller buffers are not worth a place in the pool: bytes. */
const LEAST_BYTES = 64 * 1024;
/** A size is rounded up to one of so many steps between two powers of two: at most an eighth is wasted. */
const STEPS = 8;

/**
 * Buffers by size. A buffer that is never given back is left to the garbage collector, so forgetting one
 * costs time and not memory. Whoever gives a buffer back must know that nobody reads or writes it any more.
 */
export class BufferPool {
  readonly #maxFreeBytes: number;
  readonly #free = new Map<number, ArrayBuffer[]>();
  /** Those that were taken here and not given back yet. */
  readonly #out = new WeakSet<ArrayBuffer>();
  #freeBytes = 0;
  #taken = 0;
  #reused = 0;

  /** @param maxFreeBytes what may wait to be taken again; more is left to the garbage collector */
  constructor(maxFreeBytes: number) {
    this.#maxFreeBytes = maxFreeBytes;
  }

  /** A buffer of at least `bytes` bytes. Its content is arbitrary. */
  take(bytes: number): ArrayBuffer {
    if (bytes < LEAST_BYTES) return new ArrayBuffer(bytes);
    const size = roundUp(bytes);
    const free = this.#free.get(size)?.pop();
    this.#taken += 1;
    if (free !== undefined) {
      this.#freeBytes -= size;
      this.#reused += 1;
    }
    const buffer = free ?? new ArrayBuffer(size);
    this.#out.add(buffer);
    return buffer;
  }

  /** Takes a buffer back. One that does not come from here, or was given back already, is ignored. */
  give(buffer: ArrayBuffer): void {
    if (!this.#out.delete(buffer)) return;
    const size = buffer.byteLength;
    if (size === 0 || this.#freeBytes + size > this.#maxFreeBytes) return;
    const free = this.#free.get(size);
    if (free === undefined) this.#free.set(size, [buffer]);
    else free.push(buffer);
    this.#freeBytes += size;
  }

  stats(): BufferPoolStats {
    return { taken: this.#taken, reused: this.#reused, freeBytes: this.#freeBytes };
  }
}

/** The next size with at most `STEPS` steps between two powers of two. */
function roundUp(bytes: number): number {
  const step = 2 ** Math.floor(Math.log2(bytes)) / STEPS;
  return Math.ceil(bytes / step) * step;
}
