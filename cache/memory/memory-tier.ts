/** What is kept in memory, bounded in bytes. */
import QuickLRU from 'quick-lru';

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

interface Entry<Value> {
  readonly value: Value;
  readonly bytes: number;
}

/** Map slot, entry object and strings' headers, per entry; generous. */
const ENTRY_OVERHEAD_BYTES = 200;

/**
 * Least recently used goes first, by bytes.
 *
 * quick-lru counts entries, may hold twice its `maxSize` and stays silent on overwrite and delete. So it runs here with one generation that
 * never turns over, where it is a Map in insertion order; a hit re-inserts its entry, which makes that the order of use, and the bytes
 * are counted on this side. An entry larger than the whole budget is not kept.
 */
export class MemoryTier<Value> {
  readonly #lru = new QuickLRU<string, Entry<Value>>({ maxSize: Number.POSITIVE_INFINITY });
  readonly #maxBytes: number;
  readonly #sizeOf: (value: Value) => number;
  #bytes = 0;
  #entries = 0;
  #hits = 0;
  #misses = 0;
  #evictions = 0;

  constructor({ maxBytes, sizeOf }: MemoryTierOptions<Value>) {
    if (!Number.isSafeInteger(maxBytes) || maxBytes < 0)
      throw new TypeError('`maxBytes` must be an integer, 0 or more');
    this.#maxBytes = maxBytes;
    this.#sizeOf = sizeOf;
  }

  get(key: string): Value | undefined {
    const entry = this.#lru.get(key);
    if (entry === undefined) {
      this.#misses += 1;
      return undefined;
    }
    this.#hits += 1;
    this.#lru.delete(key);
    this.#lru.set(key, entry);
    return entry.value;
  }

  set(key: string, value: Value): void {
    this.delete(key);
    const bytes = this.#sizeOf(value) + 2 * key.length + ENTRY_OVERHEAD_BYTES;
    if (bytes > this.#maxBytes) return;
    this.#lru.set(key, { value, bytes });
    this.#bytes += bytes;
    this.#entries += 1;
    while (this.#bytes > this.#maxBytes) this.#evictOldest();
  }

  delete(key: string): boolean {
    const entry = this.#lru.peek(key);
    if (entry === undefined) return false;
    this.#lru.delete(key);
    this.#bytes -= entry.bytes;
    this.#entries -= 1;
    return true;
  }

  /** Drops every entry whose key begins with `prefix`. Walks all of them: for rare events. */
  deletePrefix(prefix: string): void {
    for (const key of [...this.#lru.keys()]) if (key.startsWith(prefix)) this.delete(key);
  }

  stats(): MemoryTierStats {
    return {
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#evictions,
      entries: this.#entries,
      bytes: this.#bytes,
      maxBytes: this.#maxBytes,
    };
  }

  #evictOldest(): void {
    const [oldest] = this.#lru.entriesAscending();
    if (oldest === undefined) return;
    this.delete(oldest[0]);
    this.#evictions += 1;
  }
}
