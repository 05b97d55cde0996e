/** A part of the hierarchy: which nodes there are below one of them, and with how many points. */
import type { ByteRange } from '../../cache/byte-source/index.ts';
import type { Key } from '../geometry/index.ts';

/** Stands for a node whose own page has its count and everything below it. */
export const OWN_PAGE = -1;

export interface HierarchyPage {
  /** The node that the page begins with. It is in `nodes`, unless the cloud has no point at all. */
  readonly root: Key;
  /** Points by formatted key; 0 for a node that has none but may have children; `OWN_PAGE`. Parents are always there. */
  readonly nodes: ReadonlyMap<string, number>;
  /**
   * By formatted key, in formats that keep many nodes in one file: where the node's points are, or its page if it has one of its own.
   * Nodes without points are not in it: what their record says of a place is not to be requested.
   */
  readonly ranges?: ReadonlyMap<string, ByteRange>;
  /** Bytes fetched for it. */
  readonly storedBytes: number;
  /** As `ObjectStat.unchangedMs` when it was read. */
  readonly unchangedMs?: number | undefined;
}

/** Hears of a record that cannot be believed. The page is then read without it, instead of being refused. */
export type OnDamage = (node: string, what: string) => void;

/** Runs the checks of one record. What they throw goes to `onDamage`, and the record is not sound; without `onDamage` it is thrown on. */
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

/** Memory that a page occupies, roughly: a map entry with its key. */
export function pageBytes({ nodes, ranges }: HierarchyPage): number {
  return 200 + nodes.size * 100 + (ranges?.size ?? 0) * 120;
}

/** True if all nodes of the cloud are in this page. */
export function isComplete({ nodes }: HierarchyPage): boolean {
  for (const points of nodes.values()) if (points === OWN_PAGE) return false;
  return true;
}
