/**
 * What may be said of a frame: whether the object was measured there, and if not, why not. By evidence
 * (points, what hides, where it should be), not by the network's score alone: a wrong box often scores well.
 */
import type { LostReason, TrackStatus } from '../lines.ts';
import type { TrackSighting } from '../objects/index.ts';

/** Chosen on simulated sequences: see docs/tracks.md. */
const STATUS = {
  /** A place is hidden if this share of its surroundings is. */
  hidden: 0.3,
  /** Rays went through a place if this share of its surroundings is free. */
  free: 0.35,
  /** Whether an object is gone from its place can be told if it should have so many points. */
  goneFrom: 5,
  /**
   * Beyond its keyframes an object is lost after so long unseen, seconds, or when its place is known no
   * better than this, metres.
   */
  unseenSeconds: 1,
  sigmaMetres: 1.2,
  /** The scanner does not reach where an object would have fewer points than this. */
  leastPoints: 2,
};

/** How things stand in a frame. */
export interface Standing {
  /** null: the frame was not looked at. */
  readonly sighting: TrackSighting | null;
  /** Whether the sighting is taken for the object. */
  readonly isBelieved: boolean;
  /** Whether keyframes lie on both sides. */
  readonly isBetween: boolean;
  /** Time from the nearest frame in which it was seen, or the keyframe; seconds. */
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

/** For an object that stands: it is where it was, unless rays go through there. */
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
  if (sighting.isOutside || sighting.expected < STATUS.leastPoints) return 'left_range';
  if (isHidden(sighting)) return 'occluded';
  return sighting.isBorneOut ? 'jumped' : 'no_points';
}

function isHidden({ start }: TrackSighting): boolean {
  return start.hidden >= STATUS.hidden;
}

/** Whether the place is empty: hardly any of the points to expect are there, and rays went through. */
export function isGone({ start, expected }: TrackSighting): boolean {
  return expected >= STATUS.goneFrom && start.inside < 0.1 * expected && start.free >= STATUS.free;
}
