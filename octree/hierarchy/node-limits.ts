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

/** Unpacked bytes of one node. Ten million points with plain coordinates take 120 MB. */
const MAX_UNPACKED_BYTES = 128 * 1024 * 1024;
/** Real points compress by a factor of 2 to 20. A node that expands by more than this is hostile ... */
export const MAX_EXPANSION = 1000;
/** ... unless it is small: nodes up to this size may compress as well as they like, bytes. */
export const FREE_EXPANSION_BYTES = 4 * 1024 * 1024;

/** A node's stored form, for the limits. */
export interface StoredNodeSize {
  readonly points: number;
  /** Bytes as stored. */
  readonly stored: number;
  /** Bytes of the records in it. */
  readonly unpacked: number;
  /**
   * `whole`: all records are in memory while it is decoded; `piecewise`: some; `plain`: it is not compressed.
   */
  readonly packing: 'whole' | 'piecewise' | 'plain';
}

/** Which limit of the readers a node exceeds; null if none. The builder holds its nodes against it, too. */
export function nodeSizeProblem({ points, stored, unpacked, packing }: StoredNodeSize): string | null {
  if (points > MAX_NODE_POINTS) return `${points} points are more than ${MAX_NODE_POINTS}`;
  if (packing === 'whole' && unpacked > MAX_UNPACKED_BYTES)
    return `${points} points take ${unpacked} bytes unpacked, more than ${MAX_UNPACKED_BYTES}`;
  if (packing !== 'plain' && unpacked > FREE_EXPANSION_BYTES && unpacked > stored * MAX_EXPANSION)
    return `${points} points are more than ${stored} bytes can hold`;
  return null;
}
