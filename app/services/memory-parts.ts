/** What `--memory-bytes` is for: the parts of the main thread and of those who read clouds. */

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
const LEAST = { metadata: 4 * 2 ** 20, work: 32 * 2 ** 20, http: 16 * 2 ** 20 } as const;
/** Heaps of decoders that have decoded nothing but small nodes: an idle server has them as well. */
const IDLE_HEAP_BYTES = 16 * 2 ** 20;

/**
 * Of `--memory-bytes`, an eighth is for bodies that are being read and answers that are being written, on the
 * main thread. The rest is for those who read clouds.
 */
export function mainMemoryParts(memoryBytes: number): {
  readonly httpBytes: number;
  readonly cloudBytes: number;
} {
  const eighth = Math.floor(memoryBytes / 8);
  return { httpBytes: Math.max(LEAST.http, eighth), cloudBytes: memoryBytes - eighth };
}

/**
 * A sixteenth for metadata and a sixteenth for work alone. Tiles have the rest and give way to work. Up to
 * ten sixteenths keep tiles as they are stored: these are more than twice as many as decoded ones, and to
 * decode one again is far cheaper than to read it again. What these do not take is for decoded ones.
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

/**
 * What tiles may take beside work that has reserved `usedBytes` and decoders whose heaps have `heapBytes`: a
 * heap of WebAssembly grows with the largest node and does not shrink. What an idle server has does not
 * count.
 */
export function tileBytesBeside(
  { tileBytes, freeWorkBytes }: Pick<MemoryParts, 'tileBytes' | 'freeWorkBytes'>,
  usedBytes: number,
  heapBytes: number,
): number {
  const overdrawn = Math.max(0, usedBytes + Math.max(0, heapBytes - IDLE_HEAP_BYTES) - freeWorkBytes);
  return Math.max(0, tileBytes - overdrawn);
}
