/**
 * S3-FIFO (Yang et al., SOSP 2023): new keys go through a small queue (a tenth); those that are asked for
 * there again move to the main one; what left the small queue unasked is remembered by name for a while, and
 * goes straight to the main queue if it comes back.
 */
import type { Policy } from './policy.ts';

interface FifoEntry {
  readonly bytes: number;
  /** Hits, 3 at most. */
  frequency: number;
}

export class S3Fifo implements Policy {
  readonly #maxBytes: number;
  readonly #smallBytes: number;
  readonly #small = new Map<string, FifoEntry>();
  readonly #main = new Map<string, FifoEntry>();
  /** Keys that left the small queue, and their sizes; as many bytes' worth as the main queue holds. */
  readonly #ghosts = new Map<string, number>();
  #inSmall = 0;
  #inMain = 0;
  #inGhosts = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#smallBytes = maxBytes / 10;
  }

  get bytes(): number {
    return this.#inSmall + this.#inMain;
  }

  request(key: string, bytes: number): boolean {
    const known = this.#small.get(key) ?? this.#main.get(key);
    if (known !== undefined) {
      known.frequency = Math.min(3, known.frequency + 1);
      return true;
    }
    if (bytes > this.#maxBytes) return false;
    while (this.bytes + bytes > this.#maxBytes) {
      if (this.#inSmall > this.#smallBytes || this.#main.size === 0) this.#evictSmall();
      else this.#evictMain();
    }
    const entry = { bytes, frequency: 0 };
    const ghost = this.#ghosts.get(key);
    if (ghost !== undefined) {
      this.#ghosts.delete(key);
      this.#inGhosts -= ghost;
      this.#main.set(key, entry);
      this.#inMain += bytes;
    } else {
      this.#small.set(key, entry);
      this.#inSmall += bytes;
    }
    return false;
  }

  #evictSmall(): void {
    for (const [key, entry] of this.#small) {
      this.#small.delete(key);
      this.#inSmall -= entry.bytes;
      if (entry.frequency > 0) {
        entry.frequency = 0;
        this.#main.set(key, entry);
        this.#inMain += entry.bytes;
        continue;
      }
      this.#ghosts.set(key, entry.bytes);
      this.#inGhosts += entry.bytes;
      for (const [oldest, size] of this.#ghosts) {
        if (this.#inGhosts <= this.#maxBytes - this.#smallBytes) break;
        this.#ghosts.delete(oldest);
        this.#inGhosts -= size;
      }
      return;
    }
  }

  #evictMain(): void {
    for (;;) {
      const [oldest] = this.#main;
      if (oldest === undefined) return;
      const [key, entry] = oldest;
      this.#main.delete(key);
      if (entry.frequency === 0) {
        this.#inMain -= entry.bytes;
        return;
      }
      entry.frequency -= 1;
      this.#main.set(key, entry);
    }
  }
}
