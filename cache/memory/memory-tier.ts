/** What is kept in memory, bounded in bytes. */

export interface MemoryTierOptions<Value> {
  /** The most bytes that are kept, bookkeeping included. */
  readonly maxBytes: number;
  /** Bytes that a value occupies; asked once, when it is put in. */
  readonly sizeOf: (value: Value) => number;
}

export interface MemoryTierStats {
  readonly hits: number;
  readonly misses: number;
  /** Entries pushed out to make room. */
  readonly evictions: number;
  readonly entries: number;
  readonly bytes: number;
  readonly maxBytes: number;
}

interface MemoryEntry<Value> {
  readonly value: Value;
  readonly bytes: number;
}

/** Map slot, entry object and strings' headers, per entry; generous. */
const ENTRY_OVERHEAD_BYTES = 200;

/**
 * Values by key, bounded in bytes; the least recently used goes first. A value larger than the whole bound is
 * not kept. quick-lru is not used here: it bounds the number of entries, not their bytes. This Map is in the
 * order of use.
 */
export class MemoryTier<Value> {
  readonly #kept = new Map<string, MemoryEntry<Value>>();
  #maxBytes: number;
  readonly #sizeOf: (value: Value) => number;
  #bytes = 0;
  #hits = 0;
  #misses = 0;
  #evictions = 0;

  constructor({ maxBytes, sizeOf }: MemoryTierOptions<Value>) {
    if (!Number.isSafeInteger(maxBytes) || maxBytes < 0)
      throw new TypeError('`maxBytes` must be an integer, 0 or more');
    this.#maxBytes = maxBytes;
    this.#sizeOf = sizeOf;
  }

  /** Keeps at most so many bytes from now on. */
  resize(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    while (this.#bytes > this.#maxBytes) this.#evictOldest();
  }

  get(key: string): Value | undefined {
    const entry = this.#kept.get(key);
    if (entry === undefined) {
      this.#misses += 1;
      return undefined;
    }
    this.#hits += 1;
    this.#kept.delete(key);
    this.#kept.set(key, entry);
    return entry.value;
  }

  set(key: string, value: Value): void {
    this.delete(key);
    const bytes = this.#sizeOf(value) + 2 * key.length + ENTRY_OVERHEAD_BYTES;
    if (bytes > this.#maxBytes) return;
    this.#kept.set(key, { value, bytes });
    this.#bytes += bytes;
    while (this.#bytes > this.#maxBytes) this.#evictOldest();
  }

  delete(key: string): boolean {
    const entry = this.#kept.get(key);
    if (entry === undefined) return false;
    this.#kept.delete(key);
    this.#bytes -= entry.bytes;
    return true;
  }

  /** Drops every entry whose key begins with `prefix`. Walks all of them: for rare events. */
  deletePrefix(prefix: string): void {
    for (const key of [...this.#kept.keys()]) if (key.startsWith(prefix)) this.delete(key);
  }

  stats(): MemoryTierStats {
    return {
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#evictions,
      entries: this.#kept.size,
      bytes: this.#bytes,
      maxBytes: this.#maxBytes,
    };
  }

  #evictOldest(): void {
    const [oldest] = this.#kept.keys();
    if (oldest === undefined) return;
    this.delete(oldest);
    this.#evictions += 1;
  }
}
