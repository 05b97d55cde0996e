/**
 * The numbers that a track goes by. They were chosen on simulated sequences (inference/training/sequences.py,
 * seed 1); docs/tracks.md has what other values give, and what these give on real ones.
 */
export const TRACK = {
  /**
   * Share of the keyframe's residual that is taken off a fit, by axis. The network's bias along the heading
   * and in height stays from frame to frame; the one across it turns with the side that is seen.
   */
  residual: { along: 0.75, across: 0.25, up: 0.75, turn: 0.5 },
  /** Share of the way to where the registration with the keyframe's points puts the box. */
  registration: { along: 0.7, across: 0.25 },
  /** Standard deviation of a sighting: this, and this over the root of its points; metres, radians. */
  sigma: {
    place: { base: 0.06, byPoints: 0.4 },
    height: { base: 0.1, byPoints: 0.2 },
    turn: { base: 0.03, byPoints: 0.25 },
  },
  /**
   * Starts are tried each so many metres along the heading while the place is not known to within so many.
   */
  search: { step: 1.5, fromSigma: 0.6, sigmas: 2.5, reach: 20 },
  /**
   * A sighting farther from the prediction than so many standard deviations and metres, or turned by so much,
   * is refused.
   */
  gate: { sigmas: 4, metres: 0.3, turn: 0.6 },
  /** A sighting has at least this score, this share of the points to expect, and so many points. */
  accept: { score: 0.35, share: 0.12, points: 3 },
  /**
   * Ways in which the object may have moved that are followed side by side until so many frames have settled
   * it.
   */
  hypotheses: { most: 4, settledAfter: 3, dominatedBy: 6, missed: -6 },
  /**
   * What counts for a hypothesis: weights of the logarithms of score, share of points, overlap, and of the
   * squared distance.
   */
  worth: { score: 3, share: 1.5, overlap: 3, distance: 0.5 },
  /** Frames in which the static test looks, at most. */
  staticFrames: 20,
  /**
   * Two keyframes farther apart than this, in metres, and this over the root of their points, are not of a
   * standing object.
   */
  keyframesApart: { base: 0.5, byPoints: 1 },
};
