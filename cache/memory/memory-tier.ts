/** What is kept in memory, bounded in bytes. */

export interface MemoryTierOptions<Value> {
  /** The most bytes that are kept, bookkeeping included. */
  readonly maxBytes: number;
  /** Bytes that a value occupies; asked once, when it is put in. */
  readonly sizeOf: (value: Value) => number;
  /** Told of every value that was kept and is not any more. */
  readonly onRemoved?: ((value: Value) => void) | undefined;
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
  readonly #onRemoved: ((value: Value) => void) | undefined;
  #bytes = 0;
  #hits = 0;
  #misses = 0;
  #evictions = 0;

  constructor({ maxBytes, sizeOf, onRemoved }: MemoryTierOptions<Value>) {
    if (!Number.isSafeInteger(maxBytes) || maxBytes < 0)
      throw new TypeError('`maxBytes` must be an integer, 0 or more');
    this.#maxBytes = maxBytes;
    this.#sizeOf = sizeOf;
    this.#onRemoved = onRemoved;
  }

  /** Bytes that are kept, bookkeeping included. */
  get bytes(): number {
    return this.#bytes;
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

  /** Those of the keys that are not kept. Does not count as a use. */
  missing(keys: readonly string[]): Set<string> {
    return new Set(keys.filter((key) => !this.#kept.has(key)));
  }

  /** As `get` for each of the keys, but a key that is not kept does not count as a miss. */
  getKept(keys: readonly string[]): (Value | undefined)[] {
    return keys.map((key) => (this.#kept.has(key) ? this.get(key) : undefined));
  }

  /** @returns false if the value is larger than the whole bound, and not kept */
  set(key: string, value: Value): boolean {
    this.delete(key, value);
    const bytes = this.#sizeOf(value) + 2 * key.length + ENTRY_OVERHEAD_BYTES;
    if (bytes > this.#maxBytes) return false;
    this.#kept.set(key, { value, bytes });
    this.#bytes += bytes;
    while (this.#bytes > this.#maxBytes) this.#evictOldest();
    return true;
  }

  /** `next` is what the key is about to have: if that is the same value, it does not count as removed. */
  delete(key: string, next?: Value): boolean {
    const entry = this.#kept.get(key);
    if (entry === undefined) return false;
    this.#kept.delete(key);
    this.#bytes -= entry.bytes;
    if (entry.value !== next) this.#onRemoved?.(entry.value);
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
