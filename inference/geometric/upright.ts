/** The height of the box: it stands on the ground, its top is a little above the highest return. */
import type { SizePrior } from './sizes.ts';

/** Labels end this far above the highest return, metres: returns are sparse, and people leave a little air. */
const HEADROOM = 0.05;
/** Angle between two rings of a common scanner, radians (0.4 degrees): the top lies on average half of it above the highest ring. */
const RING_STEP = 0.007;
/**
 * The height that the highest return over the ground speaks for, metres: with headroom, and raised towards what is expected by no more than the rings can
 * have missed.
 * @param range metres to the scanner, or null if unknown
 */
export function likelyHeight(seen: number, prior: SizePrior, range: number | null): number {
  const tight = seen + HEADROOM;
  const missed = (RING_STEP / 2) * (range ?? 15);
  return tight >= prior.mean[2] ? tight : Math.min(prior.mean[2], tight + missed);
}

/** The height of the whole object: never less than the least plausible one, for then what is seen is only a part. */
export function fullHeight(likely: number, prior: SizePrior): number {
  return Math.max(prior.mean[2] - 2 * prior.spread[2], likely);
}
