/** The most that is believed of one node or page, so that a damaged number cannot make us read or allocate without end. */

/** Points of one node. Writers stay far below (about 100,000); 10 million are 140 MB decoded. */
export const MAX_NODE_POINTS = 10_000_000;

/** Stored bytes of one node. */
export const MAX_NODE_BYTES = 256 * 1024 * 1024;

/** Bytes of one hierarchy page: half a million nodes. */
export const MAX_PAGE_BYTES = 16 * 1024 * 1024;
