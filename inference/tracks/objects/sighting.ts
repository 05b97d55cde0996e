/**
 * A sighting: a fit in a frame as a place in the world, corrected by the keyframe, and whether it is
 * credible.
 */
import { type Box, wrapAngle } from '../../boxes/index.ts';
import { TRACK } from '../constants.ts';
import {
  type CloudExtent,
  type Fitted,
  type FrameAnswer,
  isInPlace,
  type StartEvidence,
} from '../frames/index.ts';
import { boxInWorld, type SequenceFrame } from '../sequence.ts';
import { ALL, type Residual, withoutResidual } from './residual.ts';
import { shownArea } from './shown-area.ts';
import type { TrackKey } from './track-key.ts';

/** Standard deviations: metres from above, metres in height, radians. */
interface Sigma {
  readonly place: number;
  readonly height: number;
  readonly turn: number;
}

export interface TrackSighting {
  readonly frame: number;
  /** null: there were too few points, or the points show the object in its place without a fit. */
  readonly fit: Fitted | null;
  /** The evidence of the points for the start of the fit. */
  readonly start: StartEvidence;
  /** In the world; a fit is corrected by the keyframe. */
  readonly box: Box;
  /** The number of points to expect there, by the keyframe's. */
  readonly expected: number;
  /** Whether fit and points agree. The motion decides whether it is the object. */
  readonly isBorneOut: boolean;
  readonly sigma: Sigma;
  /** Whether the place lies outside of the frame's points. */
  readonly isOutside: boolean;
}

/** The influence of a segment's keyframes on a frame. */
export interface KeyInfluence {
  /** The keyframe whose points and shape are compared. */
  readonly key: TrackKey;
  /** The bias to subtract, and which fraction of it. */
  readonly residual: Residual;
  readonly share: Residual;
}

/** @param fit in the frame's coordinates */
export function sightingOf(
  frame: number,
  fit: Fitted | null,
  start: { readonly box: Box; readonly evidence: StartEvidence },
  answer: Pick<FrameAnswer, 'sensor' | 'bounds'>,
  { key, residual, share }: KeyInfluence,
  at: SequenceFrame,
): TrackSighting {
  const found = fit === null ? start.box : registered(fit, withoutResidual(fit.box, residual, share));
  const area = shownArea(found, answer.sensor);
  const expected = key.area > 0 ? (key.points * area) / key.area : key.points;
  const points = Math.max(1, fit?.inside ?? start.evidence.inside);
  const { place, height, turn } = TRACK.sigma;
  const { accept } = TRACK;
  const isBorneOut =
    fit === null
      ? isInPlace(start.evidence.registration)
      : fit.score >= accept.score && fit.inside >= Math.max(accept.points, accept.share * expected);
  return {
    frame,
    fit,
    start: start.evidence,
    box: { ...boxInWorld(at, found), size: key.world.size },
    expected,
    isBorneOut,
    sigma: {
      place: place.base + place.byPoints / Math.sqrt(points),
      height: height.base + height.byPoints / Math.sqrt(points),
      turn: turn.base + turn.byPoints / Math.sqrt(points),
    },
    isOutside: isOutside(found, answer.bounds),
  };
}

/**
 * The influence of a segment's keyframes: a single keyframe gives fractions of its residual; between two
 * keyframes the residual is interpolated.
 */
export function influence(key: TrackKey, other: TrackKey | null, share: number): KeyInfluence {
  if (other === null) return { key, residual: key.residual, share: TRACK.residual };
  const blend = (a: number, b: number) => a + (b - a) * share;
  const [a, b] = [key.residual, other.residual];
  const residual: Residual = {
    along: blend(a.along, b.along),
    across: blend(a.across, b.across),
    up: blend(a.up, b.up),
    turn: blend(a.turn, b.turn),
  };
  return { key, residual, share: ALL };
}

/** The box, moved a part of the shift that the registration of its points with the keyframe's proposes. */
function registered({ box: fit, registration }: Fitted, corrected: Box): Box {
  if (registration === null) return corrected;
  const trust = Math.min(1, 1.5 * registration.overlap);
  const [c, s] = [Math.cos(fit.yaw), Math.sin(fit.yaw)];
  const dx = fit.center[0] - corrected.center[0];
  const dy = fit.center[1] - corrected.center[1];
  // `move` shifts the points onto the keyframe's, so the box moves the other way.
  const { along, across, half } = TRACK.registration;
  const share = registration.weight.map((pairs) => (trust * pairs) / (pairs + half));
  const u = along * share[0]! * (dx * c + dy * s - registration.move[0]);
  const v = across * share[1]! * (dy * c - dx * s - registration.move[1]);
  const [x, y, z] = corrected.center;
  return { ...corrected, center: [x + u * c - v * s, y + u * s + v * c, z] };
}

function isOutside({ center }: Box, bounds: CloudExtent | null): boolean {
  if (bounds === null) return false;
  const { min, max } = bounds;
  return center[0] < min[0] || center[0] > max[0] || center[1] < min[1] || center[1] > max[1];
}

/**
 * The sighting with the heading, of the two possible ones, that is nearer to `heading`: a track does not turn
 * round.
 */
export function headedLike(sighting: TrackSighting, heading: number): TrackSighting {
  const { box } = sighting;
  if (Math.cos(box.yaw - heading) >= 0) return sighting;
  return { ...sighting, box: { ...box, yaw: wrapAngle(box.yaw + Math.PI) } };
}
