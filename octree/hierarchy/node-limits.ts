/** The most that is believed of one node or page, so that a damaged or hostile number cannot make us read or allocate without end. */

/** Points of one node. Writers stay far below (about 100,000); 10 million are 140 MB decoded. */
export const MAX_NODE_POINTS = 10_000_000;

/** Stored bytes of one node. */
export const MAX_NODE_BYTES = 256 * 1024 * 1024;

/** Nodes of one hierarchy page: about 30 MB of memory. Writers split pages far earlier (Entwine at 32,768 nodes). */
export const MAX_PAGE_NODES = 262_144;

/** Bytes of one hierarchy page, unpacked, in the format that takes most for a node: EPT, where it is JSON. */
export const MAX_PAGE_BYTES = 16 * 1024 * 1024;

/** Records of a page that are read in one step of a sliced parse: a millisecond or two. */
export const RECORDS_PER_STEP = 1024;
