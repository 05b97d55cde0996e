/** A region as an exact test of points: what every kind of region becomes. */
import type { Bounds } from '../geometry/index.ts';
import type { DecodedNode } from '../points/index.ts';

/** Points as decoded nodes hold them: coordinate = raw * scale + offset. */
export type PointColumns = Pick<DecodedNode, 'count' | 'x' | 'y' | 'z' | 'scale' | 'offset' | 'bounds'>;

/** A region made ready for tests. */
export interface PointSet {
  /** Holds every point of the set; infinite where the set is. */
  readonly bounds: Bounds;
  /** The exact test. */
  contains(x: number, y: number, z: number): boolean;
  /**
   * Writes the indices of the points that pass `contains` to `out`, from `at` on, and returns how many they are. The same arithmetic in a loop
   * of its own: called for every point of every node near a click. `out` has room for all points.
   *
   * Without branches where it can: which points are in is as good as random to the processor, and a branch that is guessed wrong costs more than
   * the test. So every index is written, and the next one over it unless it passed.
   */
  filter(points: PointColumns, out: Int32Array, at: number): number;
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
