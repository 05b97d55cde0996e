/** Selects the points of decoded nodes that lie in a point set. Allocates nothing per point. */
import { atOnce, type Sliced } from '../../../cache/foundation/index.ts';
import type { DecodedNode } from '../../points/index.ts';
import type { PointSet } from '../../regions/index.ts';

/**
 * The selected points of one node: all of them, or `length` indices from `from` in the selection's index
 * list.
 */
export interface SelectedNode {
  readonly node: DecodedNode;
  readonly isWhole: boolean;
  readonly from: number;
  readonly length: number;
}

export interface Selection {
  readonly count: number;
  readonly nodes: readonly SelectedNode[];
  /** Valid until `release`. */
  readonly indices: Int32Array;
  /** Returns the index list for reuse. Call it once, when the selection is no longer needed. */
  release(): void;
}

/** Longer index lists are not kept for reuse (16 MiB). */
const MAX_KEPT_INDICES = 4 * 1024 * 1024;
/** Points that one step tests, for a test cost of 1: about a millisecond of work. */
const POINTS_PER_STEP = 65_536;
/** Fewest points that one step tests, whatever a test costs. */
const LEAST_POINTS_PER_STEP = 512;

/**
 * The list for reuse; null while it is in use. Signed, because copying with unsigned indices takes several
 * times as long.
 */
let kept: Int32Array | null = new Int32Array(0);

/** Tests every point exactly, unless the tight bounds of its node decide for all of its points. */
export function select(nodes: readonly DecodedNode[], set: PointSet): Selection {
  return atOnce(selecting(nodes, set));
}

/** The same in slices. */
export function* selecting(nodes: readonly DecodedNode[], set: PointSet): Sliced<Selection> {
  const total = nodes.reduce((sum, { count }) => sum + count, 0);
  yield* set.prepare(total);
  const candidates: DecodedNode[] = [];
  const partial = new Set<DecodedNode>();
  let room = 0;
  for (const node of nodes) {
    const { bounds } = node;
    if (bounds === null || !set.meets(bounds)) continue;
    candidates.push(node);
    if (!set.holds(bounds)) {
      partial.add(node);
      room += node.count;
    }
    if (set.testCost > 1) yield;
  }
  const indices = takeIndices(room);
  const release = () => giveBack(indices);
  let isDone = false;
  try {
    const step = Math.max(LEAST_POINTS_PER_STEP, Math.floor(POINTS_PER_STEP / set.testCost));
    const selected: SelectedNode[] = [];
    let from = 0;
    let count = 0;
    for (const node of candidates) {
      const isWhole = !partial.has(node);
      let length = isWhole ? node.count : 0;
      for (let first = 0; !isWhole && first < node.count; first += step) {
        const last = Math.min(node.count, first + step);
        length += set.filter(node, indices, from + length, first, last);
        yield;
      }
      selected.push({ node, isWhole, from, length });
      if (!isWhole) from += length;
      count += length;
    }
    isDone = true;
    return { count, nodes: selected, indices, release };
  } finally {
    if (!isDone) release();
  }
}

/** A list of at least this length: the kept one if it is free and long enough. */
function takeIndices(room: number): Int32Array {
  const free = kept;
  if (free !== null && free.length >= room) {
    kept = null;
    return free;
  }
  return new Int32Array(room);
}

/** Keeps the longer of two lists. */
function giveBack(indices: Int32Array): void {
  if (indices.length <= MAX_KEPT_INDICES && indices.length >= (kept?.length ?? 0)) kept = indices;
}
