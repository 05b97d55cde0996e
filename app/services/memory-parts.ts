/** What `--memory-bytes` is for. */

export interface MemoryParts {
  /** Metadata and hierarchy pages. Tiles never push these out. */
  readonly metadataBytes: number;
  /** Decoded nodes while no work needs their memory. */
  readonly tileBytes: number;
  /** Nodes as they are stored. */
  readonly storedBytes: number;
  /** The most that work in progress may take; what is more than `freeWorkBytes` is taken from the tiles. */
  readonly workBytes: number;
  /** Memory for work that no tile ever takes. */
  readonly freeWorkBytes: number;
}

/** Even where next to nothing is to be kept, a cloud has to be opened and a click answered: bytes. */
const LEAST = { metadata: 4 * 2 ** 20, work: 32 * 2 ** 20 } as const;

/**
 * An eighth for metadata and an eighth for work alone. Tiles have the rest, half of it decoded, half as they are
 * stored: these are many more, and to decode one again is far cheaper than to read it again. Decoded tiles give
 * way to work.
 */
export function memoryParts(bytes: number): MemoryParts {
  const eighth = Math.floor(bytes / 8);
  return {
    metadataBytes: Math.max(LEAST.metadata, eighth),
    tileBytes: 3 * eighth,
    storedBytes: 3 * eighth,
    workBytes: Math.max(LEAST.work, 4 * eighth),
    freeWorkBytes: eighth,
  };
}
