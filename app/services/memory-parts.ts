/** What `--memory-bytes` is for. */

export interface MemoryParts {
  /** Metadata and hierarchy pages. Tiles never push these out. */
  readonly metadataBytes: number;
  /** Tiles, stored and decoded ones together, while no work needs their memory. */
  readonly tileBytes: number;
  /** The most of `tileBytes` that stored ones may take. */
  readonly storedBytes: number;
  /** The most that work in progress may take; what is more than `freeWorkBytes` is taken from the tiles. */
  readonly workBytes: number;
  /** Memory for work that no tile ever takes. */
  readonly freeWorkBytes: number;
}

/** Even where next to nothing is to be kept, a cloud has to be opened and a click answered: bytes. */
const LEAST = { metadata: 4 * 2 ** 20, work: 32 * 2 ** 20 } as const;

/**
 * A sixteenth for metadata and a sixteenth for work alone. Tiles have the rest and give way to work. Up to ten
 * sixteenths keep tiles as they are stored: these are more than twice as many as decoded ones, and to decode one
 * again is far cheaper than to read it again. What these do not take is for decoded ones.
 */
export function memoryParts(bytes: number): MemoryParts {
  const sixteenth = Math.floor(bytes / 16);
  return {
    metadataBytes: Math.max(LEAST.metadata, sixteenth),
    tileBytes: 14 * sixteenth,
    storedBytes: 10 * sixteenth,
    workBytes: Math.max(LEAST.work, 15 * sixteenth),
    freeWorkBytes: sixteenth,
  };
}
