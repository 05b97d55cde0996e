/** Which nodes to read when not all may be: the best of them, in an order that never puts a node before those above it. */
import type { Key } from '../geometry/index.ts';
import type { PlannedNode } from './planned-node.ts';

/** A place in the order in which nodes are taken: nearest (or coarsest) first, shallow ones before deep ones. */
export interface Rank {
  /** Least first. It never falls from a node to those below it. */
  readonly order: number;
  readonly key: Key;
}

export interface OfferedNode extends Rank {
  readonly node: PlannedNode;
  /** Unpacked bytes, 0 where they are not known. */
  readonly bytes: number;
}

/** What may still be taken. */
export interface Room {
  /** Nodes that are taken in any case. */
  readonly least: number;
  readonly nodes: number;
  readonly points: number;
  readonly bytes: number;
}

export interface Taken {
  readonly nodes: readonly OfferedNode[];
  /** The first that did not fit any more: neither it nor anything behind it is taken. null if all did. */
  readonly leftOut: OfferedNode | null;
}

/** The longest beginning of the order that fits, and `least` nodes in any case. What lies before `leftOut` in the order is complete. */
export function takeWithin(offered: readonly OfferedNode[], room: Room): Taken {
  const inOrder = offered.toSorted(compareRanks);
  let [points, bytes] = [0, 0];
  for (const [i, { node, bytes: own }] of inOrder.entries()) {
    points += node.points;
    bytes += own;
    if (i >= room.least && (i >= room.nodes || points > room.points || bytes > room.bytes))
      return { nodes: inOrder.slice(0, i), leftOut: inOrder[i]! };
  }
  return { nodes: inOrder, leftOut: null };
}

/** By order, then by depth, then by place, so that an answer is the same every time. */
export function compareRanks(a: Rank, b: Rank): number {
  return (
    a.order - b.order ||
    a.key.depth - b.key.depth ||
    a.key.x - b.key.x ||
    a.key.y - b.key.y ||
    a.key.z - b.key.z
  );
}
