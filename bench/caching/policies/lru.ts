/** Least recently used goes first: what `MemoryTier` and `DiskTier` do. */
import type { Policy } from './policy.ts';

export class Lru implements Policy {
  readonly #maxBytes: number;
  readonly #entries = new Map<string, number>();
  bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  request(key: string, bytes: number): boolean {
    if (this.#entries.delete(key)) {
      this.#entries.set(key, bytes);
      return true;
    }
    if (bytes > this.#maxBytes) return false;
    this.#entries.set(key, bytes);
    this.bytes += bytes;
    for (const [oldest, size] of this.#entries) {
      if (this.bytes <= this.#maxBytes) break;
      this.#entries.delete(oldest);
      this.bytes -= size;
    }
    return false;
  }
}
