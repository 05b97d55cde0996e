/** Names with sizes, the least recently used ones dropped beyond a number of bytes. */
export class LruBytes {
  readonly #maxBytes: number;
  /** From the least to the most recently used. */
  readonly #sizes = new Map<string, number>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether the name is there; it is the most recently used one then. */
  get(name: string): boolean {
    const size = this.#sizes.get(name);
    if (size === undefined) return false;
    this.#sizes.delete(name);
    this.#sizes.set(name, size);
    return true;
  }

  set(name: string, bytes: number): void {
    this.#bytes += bytes - (this.#sizes.get(name) ?? 0);
    this.#sizes.delete(name);
    this.#sizes.set(name, bytes);
    for (const [oldest, size] of this.#sizes) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#sizes.delete(oldest);
      this.#bytes -= size;
    }
  }

  clear(): void {
    this.#sizes.clear();
    this.#bytes = 0;
  }
}
