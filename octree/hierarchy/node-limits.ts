/**
 * Limits for one node and one page, so that a wrong or hostile number cannot make the reader read or allocate
 * without end.
 */

/** Points of one node. Writers stay far below this (about 100,000); 10 million points take 140 MB decoded. */
export const MAX_NODE_POINTS = 10_000_000;

/** Stored bytes of one node. */
export const MAX_NODE_BYTES = 256 * 1024 * 1024;

/**
 * Nodes of one hierarchy page: about 30 MB of memory. Writers split pages much earlier (Entwine at 32,768
 * nodes).
 */
export const MAX_PAGE_NODES = 262_144;

/** Unpacked bytes of one hierarchy page in EPT, whose JSON takes the most bytes per node. */
export const MAX_PAGE_BYTES = 16 * 1024 * 1024;

/** Records in one step of a sliced parse: one or two milliseconds. */
export const RECORDS_PER_STEP = 1024;
