/** A part of the hierarchy: the nodes below one node, with their numbers of points. */
import type { ByteRange } from '../../cache/byte-source/index.ts';
import type { Key } from '../geometry/index.ts';

/** Count of a node that has a page of its own, with its real count and everything below it. */
export const OWN_PAGE = -1;

export interface HierarchyPage {
  /** The topmost node of the page. It is in `nodes`, unless the cloud has no points at all. */
  readonly root: Key;
  /**
   * Number of points by formatted key: 0 for a node without points that may have children, or `OWN_PAGE`.
   * Parents are always present.
   */
  readonly nodes: ReadonlyMap<string, number>;
  /**
   * By formatted key, in formats that keep many nodes in one file: the range of the points, or of the page
   * for `OWN_PAGE`. Nodes without points have no range, and must not be requested.
   */
  readonly ranges?: ReadonlyMap<string, ByteRange>;
  /** Bytes that were fetched for the page. */
  readonly storedBytes: number;
  /** See `ObjectStat.unchangedMs`; of the time when the page was read. */
  readonly unchangedMs?: number | undefined;
}

/** Called for each invalid record. The page is then read without that record instead of being refused. */
export type OnDamage = (node: string, what: string) => void;

/**
 * Runs the check of one record; false if it throws. The error goes to `onDamage`; without `onDamage` it is
 * thrown.
 */
export function isSound(node: string, onDamage: OnDamage | undefined, check: () => void): boolean {
  try {
    check();
    return true;
  } catch (error) {
    if (onDamage === undefined) throw error;
    onDamage(node, error instanceof Error ? error.message : String(error));
    return false;
  }
}

/** Estimated memory of a page, bytes. */
export function pageBytes({ nodes, ranges }: HierarchyPage): number {
  return 200 + nodes.size * 100 + (ranges?.size ?? 0) * 120;
}

/** True if all nodes of the cloud are in this page. */
export function isComplete({ nodes }: HierarchyPage): boolean {
  for (const points of nodes.values()) if (points === OWN_PAGE) return false;
  return true;
}
