/** What a read cost. */

/** Sources of the nodes of an answer. */
export interface ReadCost {
  /** Nodes with points that the answer needed. */
  readonly nodes: number;
  /**
   * Bytes fetched from the origin for this answer: metadata, hierarchy pages, nodes. A load that another
   * request began counts there.
   */
  readonly bytes: number;
  readonly memory: number;
  readonly disk: number;
  /** Nodes fetched from the origin, by this request or together with another one. */
  readonly origin: number;
}

/** The cost of two reads of one cloud as one; the second needs what the first did and more. */
export function joinedCost(first: ReadCost, second: ReadCost): ReadCost {
  const { nodes } = second;
  const origin = Math.min(nodes, first.origin + second.origin);
  const disk = Math.min(nodes - origin, first.disk + second.disk);
  return { nodes, bytes: first.bytes + second.bytes, memory: nodes - origin - disk, disk, origin };
}
