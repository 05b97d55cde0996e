/**
 * Parameters of tracking. They were chosen on simulated sequences
 * (inference/training/simulation/sequences.py, seed 1). docs/tracks.md compares other values, and has
 * results on real sequences.
 */
export const TRACK = {
  /**
   * Fraction of the keyframe's residual that is subtracted from a fit, by axis. The network's bias along the
   * heading and in height stays the same from frame to frame; the bias across the heading changes with the
   * visible side.
   */
  residual: { along: 0.75, across: 0.25, up: 0.75, turn: 0.5 },
  /**
   * Largest fraction of the shift that the registration with the keyframe's points proposes, by axis. Half of
   * it with `half` pairs that tell the shift along this axis, nearly all with many.
   */
  registration: { along: 0.7, across: 0.5, half: 5 },
  /**
   * Standard deviation of a sighting: `base` plus `byPoints` divided by the square root of its number of
   * points; metres, radians.
   */
  sigma: {
    place: { base: 0.06, byPoints: 0.4 },
    height: { base: 0.1, byPoints: 0.2 },
    turn: { base: 0.03, byPoints: 0.25 },
  },
  /**
   * While the standard deviation of the place is above `fromSigma` metres, fits start every `step` metres
   * along the heading, up to `sigmas` standard deviations and `reach` metres away.
   */
  search: { step: 1.5, fromSigma: 0.6, sigmas: 2.5, reach: 20 },
  /**
   * A sighting is rejected if it lies farther from the prediction than so many standard deviations and
   * metres, or is turned by more radians.
   */
  gate: { sigmas: 4, metres: 0.3, turn: 0.6 },
  /** A sighting needs at least this score, this fraction of the expected points, and so many points. */
  accept: { score: 0.35, share: 0.12, points: 3 },
  /**
   * After so many seconds without a sighting, one counts only if another one follows within the same time.
   */
  confirmSeconds: 0.6,
  /**
   * Hypotheses of the motion: at most `most`, followed in parallel until `settledAfter` frames have decided.
   * One that is worse than the best by `dominatedBy` is dropped; `missed` is the worth of a frame without a
   * sighting.
   */
  hypotheses: { most: 4, settledAfter: 3, dominatedBy: 6, missed: -6 },
  /**
   * Worth of a hypothesis: weights of the logarithms of score, fraction of points and overlap, and of the
   * squared distance.
   */
  worth: { score: 3, share: 1.5, overlap: 3, distance: 0.5 },
  /** Most frames that the static test visits. */
  staticFrames: 20,
  /**
   * If two keyframes lie farther apart than `base` metres plus `byPoints` divided by the square root of their
   * points, the object moves.
   */
  keyframesApart: { base: 0.5, byPoints: 1 },
};
