/**
 * Does the object stand still? Told from its keyframe's place in every frame looked at, not from frame to
 * frame: so it cannot drift.
 */

/** The network begun at the keyframe's place in another frame. */
export interface Displacement {
  /** Seconds from the keyframe. */
  readonly apart: number;
  /** How far the answer lies from the keyframe's place, its residual taken off: metres, seen from above. */
  readonly metres: number;
  /** Points in the answer. */
  readonly points: number;
}

/** Chosen on simulated sequences: see docs/tracks.md. */
export const STILL = {
  /** The share of the frames, those farthest in time, whose median displacement counts. */
  farthest: 0.4,
  /**
   * What a standing object may seem to be displaced by, metres: this much and this much over the root of its
   * points.
   */
  metres: 0.2,
  byPoints: 1,
  /** This share of all frames is within so many times that, or within so many metres. */
  share: 0.85,
  times: 2.5,
  within: 0.6,
};

/** With nothing seen an object is taken to stand: most do. */
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
