/**
 * The test whether an object stands still: by its keyframe's place in every visited frame, not from frame to
 * frame, so that it cannot drift.
 */

import { TRACK } from '../constants.ts';
import { isInPlace } from '../frames/index.ts';
import { distance, type TrackKey, type TrackSighting } from '../objects/index.ts';
import { median } from './median.ts';
import { isGone } from './status.ts';

/** A look at the keyframe's place in another frame. */
export interface Displacement {
  /** Seconds from the keyframe. */
  readonly apart: number;
  /**
   * Distance of the answer from the keyframe's place, with its residual subtracted: metres, seen from above.
   */
  readonly metres: number;
  /** Points in the answer. */
  readonly points: number;
}

/** Chosen on simulated sequences: see docs/tracks.md. */
export const STILL = {
  /** The fraction of the frames, the farthest in time, whose median displacement counts. */
  farthest: 0.4,
  /**
   * Tolerance of the displacement of a standing object, metres: `base` plus `byPoints` divided by the square
   * root of its points.
   */
  metres: 0.2,
  byPoints: 1,
  /** This fraction of all frames must lie within so many tolerances, or within so many metres. */
  share: 0.85,
  times: 2.5,
  within: 0.6,
};

/**
 * The displacement that a sighting from the keyframe's place shows; null: it shows none. @param apart seconds
 */
export function displacementOf(
  sighting: TrackSighting,
  { world }: TrackKey,
  apart: number,
): Displacement | null {
  const { fit, start, box, expected } = sighting;
  if (fit !== null && fit.inside >= TRACK.accept.points)
    return { apart, metres: distance(box, world), points: fit.inside };
  if (isInPlace(start.registration))
    return { apart, metres: Math.hypot(...start.registration!.move), points: start.inside };
  return isGone(sighting) ? { apart, metres: Number.POSITIVE_INFINITY, points: expected } : null;
}

/** How many of `count` frames are the farthest ones. */
export function farthest(count: number): number {
  return Math.max(1, Math.ceil(STILL.farthest * count));
}

/** Without any sighting, an object counts as standing: most objects do. */
export function standsStill(seen: readonly Displacement[]): boolean {
  if (seen.length === 0) return true;
  const byTime = [...seen].sort((a, b) => b.apart - a.apart);
  const far = byTime.slice(0, farthest(seen.length));
  const typical = median(seen.map(({ points }) => points));
  const tolerance = STILL.metres + STILL.byPoints / Math.sqrt(Math.max(1, typical));
  if (median(far.map(({ metres }) => metres)) >= tolerance) return false;
  const bound = Math.max(STILL.times * tolerance, STILL.within);
  return seen.filter(({ metres }) => metres <= bound).length >= STILL.share * seen.length;
}
