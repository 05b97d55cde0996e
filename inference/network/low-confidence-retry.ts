/**
 * Other starts for a click whose first box has a low score: proposals for classes of another size, or the
 * first box turned by 90 degrees. Thresholds are from held-out simulation (docs/experiments.md).
 */
import type { ObjectClass } from '../classes/index.ts';

/** A start for refinement: a proposal for a class, or the first box turned by 90 degrees. */
export type RetryStart = ObjectClass | 'turned';

/** Raw network scores below this lead to a retry. */
const RETRY_BELOW_SCORE = 0.65;
/** A retry replaces the first box if its score is higher by this. */
export const MIN_SCORE_GAIN = 0.03;

const LARGE: readonly ObjectClass[] = ['van', 'truck', 'bus', 'pickup'];

/** The starts to try after a first box of this class and raw score; empty if the score is high enough. */
export function retryStarts(found: ObjectClass, score: number): readonly RetryStart[] {
  if (score >= RETRY_BELOW_SCORE) return [];
  // A person among others may first be taken for a vehicle.
  if (found === 'car') return ['turned', 'truck', 'pedestrian'];
  if (LARGE.includes(found)) return ['car', 'turned', 'pedestrian'];
  return ['car', 'pedestrian', 'cyclist'];
}
