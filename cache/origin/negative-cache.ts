/** The negative cache: remembers for a short while that an object is missing. */
import { checkInteger } from '../foundation/index.ts';

export interface NegativeCacheOptions {
  /** How long a 404 is remembered, milliseconds; 0 turns the cache off. Default: 2000. */
  readonly ttlMs?: number | undefined;
  /** The most paths that are remembered; the oldest goes first. Default: 10000. */
  readonly maxPaths?: number | undefined;
}

/**
 * Paths that the storage answered with a 404. Other failures are never remembered. A cloud's format is
 * detected by looking for the files of every format; without this cache, every click on a cloud that does not
 * exist would request all of them again.
 */
export class NegativeCache {
  readonly #ttlMs: number;
  readonly #maxPaths: number;
  readonly #now: () => number;
  /** When each path was asked for and found missing, oldest first. */
  readonly #missingSince = new Map<string, number>();
  hits = 0;

  /** @param now Milliseconds, monotonic. */
  constructor({ ttlMs = 2000, maxPaths = 10_000 }: NegativeCacheOptions, now: () => number) {
    checkInteger('ttlMs', ttlMs, 0, 3_600_000);
    checkInteger('maxPaths', maxPaths, 1, 10_000_000);
    this.#ttlMs = ttlMs;
    this.#maxPaths = maxPaths;
    this.#now = now;
  }

  /** True if the path is known to be missing. Counts a hit. */
  has(path: string): boolean {
    const since = this.#missingSince.get(path);
    if (since === undefined) return false;
    if (this.#now() - since < this.#ttlMs) {
      this.hits += 1;
      return true;
    }
    this.#missingSince.delete(path);
    return false;
  }

  /** Notes what the storage said. `askedAt`: when the request was sent, on this cache's clock. */
  note(path: string, isMissing: boolean, askedAt: number): void {
    this.#missingSince.delete(path);
    if (!isMissing || this.#ttlMs === 0) return;
    this.#missingSince.set(path, askedAt);
    if (this.#missingSince.size <= this.#maxPaths) return;
    const [oldest] = this.#missingSince.keys();
    this.#missingSince.delete(oldest!);
  }
}
