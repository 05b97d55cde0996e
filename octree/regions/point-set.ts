/** The exact set of points of a region. */
import type { Sliced } from '../../cache/foundation/index.ts';
import type { Bounds } from '../geometry/index.ts';
import type { DecodedNode } from '../points/index.ts';

/** Points as decoded nodes hold them: coordinate = raw * scale + offset. */
export type NodeColumns = Pick<DecodedNode, 'count' | 'x' | 'y' | 'z' | 'scale' | 'offset' | 'bounds'>;

/** A region as a set of points that can be tested. */
export interface PointSet {
  /** Holds every point of the set; infinite where the set is. */
  readonly bounds: Bounds;
  /** Worst-case cost of testing one point, relative to a sphere. Grows with the corners of a ring. */
  readonly testCost: number;
  /** The exact test. */
  contains(x: number, y: number, z: number): boolean;
  /**
   * Writes the indices of those of the points `from` to `to - 1` that pass `contains` to `out`, from `at` on,
   * and returns how many they are. `out` has room for all of them. Default: all points of the node.
   *
   * The loop has no branch: whether a point passes looks random to the processor, and a mispredicted branch
   * costs more than the test. Every index is written; if its point does not pass, the next index overwrites
   * it.
   */
  filter(points: NodeColumns, out: Int32Array, at: number, from?: number, to?: number): number;
  /**
   * Prepares for `tests` tests, in slices. Optional: `filter` prepares by itself, without slices, when that
   * pays off.
   */
  prepare(tests: number): Sliced<void>;
  /**
   * False only if no point of the closed box is in the set. May be true even if none is. Planning asks this
   * about the cube of each node.
   */
  meets(box: Bounds): boolean;
  /** True only if every point of the closed box passes `contains`. May be false even if all do. */
  holds(box: Bounds): boolean;
  /**
   * Only sets that are read near-first have it: the smallest depth (-1 at the near plane, 1 at the far plane)
   * that a point of the closed box can have. A box inside this box never has a smaller one.
   */
  nearness?(box: Bounds): number;
}

/** `prepare` of sets that are always ready. */
export function* alreadyPrepared(): Sliced<void> {}
