/**
 * The status of a frame: whether the object was measured, and if not, why. It follows from evidence (points,
 * occlusion, the expected place), not from the network's score alone: a wrong box often has a high score.
 */
import type { LostReason, TrackStatus } from '../lines.ts';
import type { TrackSighting } from '../objects/index.ts';

/** Chosen on simulated sequences: see docs/tracks.md. */
const STATUS = {
  /** A place is hidden if this fraction of its surroundings is. */
  hidden: 0.3,
  /** Rays passed through a place if this fraction of its surroundings is free. */
  free: 0.35,
  /** The absence of an object can be detected if at least so many points are expected. */
  goneFrom: 5,
  /**
   * Beyond its keyframes an object is lost after so many seconds without a sighting, or when the standard
   * deviation of its place is larger than this, metres.
   */
  unseenSeconds: 1,
  sigmaMetres: 1.2,
  /** A place where an object would have fewer points than this is out of range. */
  leastPoints: 2,
};

/** The evidence of a frame. */
export interface Standing {
  /** null: the frame was not visited. */
  readonly sighting: TrackSighting | null;
  /** Whether the sighting counts as the object. */
  readonly isBelieved: boolean;
  /** Whether there are keyframes on both sides. */
  readonly isBetween: boolean;
  /** Time from the nearest frame with a sighting or keyframe, seconds. */
  readonly unseenSeconds: number;
  /** Standard deviation of the place, metres. */
  readonly sigmaMetres: number;
}

export type Verdict = { readonly status: TrackStatus } | { readonly lost: LostReason };

export function verdictOf(standing: Standing): Verdict {
  const { sighting, isBelieved, isBetween, unseenSeconds, sigmaMetres } = standing;
  if (isBelieved) return { status: 'measured' };
  const isLost = unseenSeconds > STATUS.unseenSeconds || sigmaMetres > STATUS.sigmaMetres;
  if (isLost && !isBetween) return { lost: reasonOf(sighting) };
  if (sighting !== null && isHidden(sighting)) return { status: 'occluded' };
  return { status: isBetween ? 'interpolated' : 'predicted' };
}

/** For a standing object: it is at its place unless rays pass through there. */
export function verdictAtPlace(
  sighting: TrackSighting | null,
  isBelieved: boolean,
  isBetween: boolean,
): Verdict {
  if (isBelieved) return { status: 'measured' };
  if (sighting !== null && !isBetween && isGone(sighting)) return { lost: 'no_points' };
  if (sighting !== null && isHidden(sighting)) return { status: 'occluded' };
  return { status: isBetween ? 'interpolated' : 'predicted' };
}

function reasonOf(sighting: TrackSighting | null): LostReason {
  if (sighting === null) return 'no_points';
  // Without points in the keyframe, the number to expect is unknown.
  const isTooFar = sighting.expected > 0 && sighting.expected < STATUS.leastPoints;
  if (sighting.isOutside || isTooFar) return 'left_range';
  if (isHidden(sighting)) return 'occluded';
  return sighting.isBorneOut ? 'jumped' : 'no_points';
}

function isHidden({ start }: TrackSighting): boolean {
  return start.hidden >= STATUS.hidden;
}

/** Whether the place is empty: few of the expected points are there, and rays passed through. */
export function isGone({ start, expected }: TrackSighting): boolean {
  return expected >= STATUS.goneFrom && start.inside < 0.1 * expected && start.free >= STATUS.free;
}
