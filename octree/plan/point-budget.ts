/** Chooses nodes within a budget, in an order that never puts a node before its ancestors. */
import type { Key } from '../geometry/index.ts';
import type { PlannedNode } from './planned-node.ts';

/** A place in the order in which nodes are taken: nearest (or coarsest) first, then shallow before deep. */
export interface Rank {
  /** Smallest first. It never decreases from a node to those below it. */
  readonly order: number;
  readonly key: Key;
}

export interface OfferedNode extends Rank {
  readonly node: PlannedNode;
  /** Unpacked bytes, 0 where they are not known. */
  readonly bytes: number;
}

/** The remaining budget. */
export interface Room {
  /** Number of nodes that are taken in any case. */
  readonly least: number;
  readonly nodes: number;
  readonly points: number;
  readonly bytes: number;
}

export interface Taken {
  readonly nodes: readonly OfferedNode[];
  /** The first node that did not fit: neither it nor any node behind it is taken. null if all fitted. */
  readonly leftOut: OfferedNode | null;
}

/**
 * Takes nodes in order while they fit, and `least` nodes in any case. Before `leftOut`, the order is
 * complete.
 */
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

/** Compares by order, then by depth, then by position, so that answers are reproducible. */
export function compareRanks(a: Rank, b: Rank): number {
  return (
    a.order - b.order ||
    a.key.depth - b.key.depth ||
    a.key.x - b.key.x ||
    a.key.y - b.key.y ||
    a.key.z - b.key.z
  );
}
