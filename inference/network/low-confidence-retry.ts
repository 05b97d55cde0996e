/**
 * When a click's first answer is doubtful, two more starts are worth their time: what it would be as something of another size, or turned by a quarter.
 * Measured on held-out simulation (docs/experiments.md).
 */
import type { ObjectClass } from '../classes/index.ts';

/** A start for refinement: a proposal for a class, or the first answer turned by a quarter. */
export type SecondStart = ObjectClass | 'turned';

/** Scores (as the network says them) below this are doubtful. */
const DOUBTFUL = 0.65;
/** What another start's score must have over the first's. */
export const BETTER_BY = 0.03;

const LARGE: readonly ObjectClass[] = ['van', 'truck', 'bus', 'pickup'];

/** The starts to try after a first answer of this class and score; none if it is not doubtful. */
export function secondStarts(found: ObjectClass, score: number): readonly SecondStart[] {
  if (score >= DOUBTFUL) return [];
  if (found === 'car') return ['turned', 'truck'];
  return LARGE.includes(found) ? ['car', 'turned'] : ['car', 'pedestrian'];
}
