/** Which points of decoded nodes lie in a point set. No allocation per point. */
import { Bounds } from '../geometry/index.ts';
import type { DecodedNode } from '../points/index.ts';
import type { PointSet } from '../regions/index.ts';

/** The selected points of one node: all of them, or `length` indices from `from` in the selection's index list. */
interface SelectedNode {
  readonly node: DecodedNode;
  readonly isWhole: boolean;
  readonly from: number;
  readonly length: number;
}

export interface Selection {
  readonly count: number;
  readonly nodes: readonly SelectedNode[];
  /** Valid until the next selection is made: the list is used again. */
  readonly indices: Int32Array;
}

/** The index list is kept for the next selection unless it is longer than this (16 MiB). */
const MAX_KEPT_INDICES = 4 * 1024 * 1024;

/** Signed, as array indices are to the compiler: with unsigned ones, copying takes several times as long. */
let kept = new Int32Array(0);

/** Tests every point of every node exactly, save where a node's tight bounds decide for all of them. */
export function select(nodes: readonly DecodedNode[], set: PointSet): Selection {
  const candidates = nodes.filter(
    ({ bounds }) => bounds !== null && Bounds.intersect(set.bounds, bounds) && set.meets(bounds),
  );
  const partial = candidates.filter(({ bounds }) => !set.holds(bounds!));
  const room = partial.reduce((total, { count }) => total + count, 0);
  const indices = kept.length >= room ? kept : new Int32Array(room);
  if (room <= MAX_KEPT_INDICES) kept = indices;

  const isPartial = new Set(partial);
  const selected: SelectedNode[] = [];
  let from = 0;
  let count = 0;
  for (const node of candidates) {
    const isWhole = !isPartial.has(node);
    const length = isWhole ? node.count : set.filter(node, indices, from);
    selected.push({ node, isWhole, from, length });
    if (!isWhole) from += length;
    count += length;
  }
  return { count, nodes: selected, indices };
}
