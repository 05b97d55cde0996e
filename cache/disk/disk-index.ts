/** Which files the disk tier has, how large they are, and which was used least recently. */

export interface IndexEntry {
  /** Bytes that the file takes from the disk. */
  readonly bytes: number;
  /** When the file was last noted as used, ms since 1970. */
  readonly touchedAt: number;
}

/** What a file takes from the disk: whole blocks, and something for its inode and its name. */
export function diskBytes(size: number): number {
  return (Math.ceil(size / 4096) + 1) * 4096;
}

/** Paths in the order of use, and the sum of their bytes. Pure bookkeeping. */
export class DiskIndex {
  readonly #entries = new Map<string, IndexEntry>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(path: string): IndexEntry | undefined {
    return this.#entries.get(path);
  }

  /** Puts an entry last in the order of use, in place of one of the same path. */
  set(path: string, entry: IndexEntry): void {
    this.delete(path);
    this.#entries.set(path, entry);
    this.#bytes += entry.bytes;
  }

  /** Puts an entry last in the order of use, if there is one. */
  use(path: string): void {
    const entry = this.#entries.get(path);
    if (entry !== undefined) this.set(path, entry);
  }

  delete(path: string): IndexEntry | undefined {
    const entry = this.#entries.get(path);
    if (entry === undefined) return undefined;
    this.#entries.delete(path);
    this.#bytes -= entry.bytes;
    return entry;
  }

  oldest(): [path: string, entry: IndexEntry] | undefined {
    for (const entry of this.#entries) return entry;
    return undefined;
  }

  /** The paths that begin with `prefix`. Walks all of them: for rare events. */
  below(prefix: string): string[] {
    return [...this.#entries.keys()].filter((path) => path.startsWith(prefix));
  }

  /** The entries, least recently used first. */
  entries(): IterableIterator<[string, IndexEntry]> {
    return this.#entries.entries();
  }
}
