/** The height of the box, which stands on the ground and ends a little above the highest return. */
import type { SizePrior } from './sizes.ts';

/** Labels end this far above the highest return, metres. */
const HEADROOM_METRES = 0.05;
/**
 * Angle between two rings of a common scanner, radians (0.4 degrees). The top lies on average half of it
 * above the highest ring.
 */
const RING_STEP_RADIANS = 0.007;
/**
 * The height of the box by its highest return over the ground, metres: with headroom, raised towards the
 * expected height by at most what lies between two rings.
 * @param range metres to the scanner, or null if unknown
 */
export function likelyHeight(seen: number, prior: SizePrior, range: number | null): number {
  const tight = seen + HEADROOM_METRES;
  const missed = (RING_STEP_RADIANS / 2) * (range ?? 15);
  return tight >= prior.mean[2] ? tight : Math.min(prior.mean[2], tight + missed);
}

/** The height of the whole object; at least the least plausible one, as the seen part may be smaller. */
export function fullHeight(likely: number, prior: SizePrior): number {
  return Math.max(prior.mean[2] - 2 * prior.spread[2], likely);
}
