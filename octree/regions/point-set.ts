/** A region as an exact test of points: what every kind of region becomes. */
import type { Sliced } from '../../cache/foundation/index.ts';
import type { Bounds } from '../geometry/index.ts';
import type { DecodedNode } from '../points/index.ts';

/** Points as decoded nodes hold them: coordinate = raw * scale + offset. */
export type PointColumns = Pick<DecodedNode, 'count' | 'x' | 'y' | 'z' | 'scale' | 'offset' | 'bounds'>;

/** A region as a set of points that can be tested. */
export interface PointSet {
  /** Holds every point of the set; infinite where the set is. */
  readonly bounds: Bounds;
  /** How many times dearer one point is to test than with a sphere, at worst. Grows with the corners of a ring. */
  readonly testCost: number;
  /** The exact test. */
  contains(x: number, y: number, z: number): boolean;
  /**
   * Writes the indices of those of the points `from` to `to - 1` that pass `contains` to `out`, from `at` on, and returns how many they are.
   * `out` has room for all of them. Default: all points of the node.
   *
   * It avoids branches: whether a point is in is as good as random to the processor, and a branch that is predicted wrongly costs more than
   * the test. So every index is written, and the next one is written over it unless it passed.
   */
  filter(points: PointColumns, out: Int32Array, at: number, from?: number, to?: number): number;
  /** Makes `filter`, `meets` and `holds` ready for so many tests, in slices. Without it, one of them does so when it is worth it. */
  prepare(tests: number): Sliced<void>;
  /** False only if no point of the closed box is in the set. May be true although none is. */
  meets(box: Bounds): boolean;
  /** True only if every point of the closed box passes `contains`. May be false although they all do. */
  holds(box: Bounds): boolean;
  /**
   * In sets that are read near-first, and in no others: how near to the eye the closed box comes, in the order of depth (-1 at the near
   * plane, 1 at the far plane). No point of the set in the box is nearer, and no box within it.
   */
  nearness?(box: Bounds): number;
}

/** `prepare` of sets that are always ready. */
export function* alreadyPrepared(): Sliced<void> {}
