/**
 * The test whether an object stands still: by its keyframe's place in every visited frame, not from frame to
 * frame, so that it cannot drift.
 */

/** A fit from the keyframe's place in another frame. */
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

/** Without any sighting, an object counts as standing: most objects do. */
export function standsStill(seen: readonly Displacement[]): boolean {
  if (seen.length === 0) return true;
  const byTime = [...seen].sort((a, b) => b.apart - a.apart);
  const far = byTime.slice(0, Math.max(1, Math.ceil(STILL.farthest * seen.length)));
  const typical = median(seen.map(({ points }) => points));
  const tolerance = STILL.metres + STILL.byPoints / Math.sqrt(Math.max(1, typical));
  if (median(far.map(({ metres }) => metres)) >= tolerance) return false;
  const bound = Math.max(STILL.times * tolerance, STILL.within);
  return seen.filter(({ metres }) => metres <= bound).length >= STILL.share * seen.length;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
