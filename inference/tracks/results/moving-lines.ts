/**
 * The final lines of an object that moves: its sightings between two keyframes, or from one to the end,
 * smoothed forward and back.
 */

import { TRACK } from '../constants.ts';
import type { TrackBox, TrackLost } from '../lines.ts';
import * as motion from '../motion/index.ts';
import { headedLike, type ObjectTrack, type TrackKey, type TrackSighting } from '../objects/index.ts';
import type { Segment } from '../segments.ts';
import { boxInFrame, type SequenceFrame } from '../sequence.ts';
import { iouOfDeviations } from './expected-iou.ts';
import { verdictOf } from './status.ts';

/** Standard deviations of a keyframe, metres and radians: nearly exact. */
const AT_KEYFRAME = { place: 0.001, height: 0.001, turn: 0.001 };
/**
 * A sighting is dropped if it lies so many standard deviations and metres from the smoothed motion of the
 * others.
 */
const OUTLIER = { sigmas: 5, metres: 0.3, rounds: 3 };

export function* movingLines(
  track: ObjectTrack,
  segment: Segment,
  frames: readonly SequenceFrame[],
): Generator<TrackBox | TrackLost> {
  const from = segment.from === null ? null : track.keys[segment.from]!;
  const to = segment.to === null ? null : track.keys[segment.to]!;
  const order = from === null ? [...segment.frames].reverse() : segment.frames;
  const first = (from ?? to)!;
  const last = from === null ? null : to;
  const sightings = order.map((frame) => track.onTheWay.get(frame) ?? null);
  const { states, believed } = smoothed(track, first, last, order, sightings, frames);
  const axes = axesOf(first);
  const unseen = unseenSeconds(first, last, order, believed, frames);
  for (const [k, frame] of order.entries()) {
    const failure = track.failures.get(frame);
    if (failure !== undefined) {
      yield { id: track.id, frame, ...failure, final: true };
      continue;
    }
    const state = states[k]!;
    const sighting = sightings[k]!;
    const isBelieved = believed[k]!;
    const sigma = Math.sqrt(Math.max(state.along.vv, state.across.vv));
    const verdict = verdictOf({
      sighting,
      isBelieved,
      isBetween: last !== null,
      unseenSeconds: unseen[k]!,
      sigmaMetres: sigma,
    });
    if ('lost' in verdict) {
      yield { id: track.id, frame, ...verdict, final: true };
      continue;
    }
    const deviations = [state.along.vv, state.across.vv, state.up.vv].map(Math.sqrt);
    yield {
      id: track.id,
      frame,
      box: boxInFrame(frames[frame]!, motion.boxOf(state, axes, track.size)),
      score: iouOfDeviations(track.size, [deviations[0]!, deviations[1]!, deviations[2]!]),
      status: verdict.status,
      method: isBelieved ? 'model' : 'motion',
      points: isBelieved ? sighting!.fit!.inside : (sighting?.start.inside ?? 0),
      velocity: motion.velocityOf(state, axes),
      final: true,
    };
  }
}

function axesOf({ world }: TrackKey): motion.MotionAxes {
  return { origin: world.center, yaw: world.yaw };
}

/** The motion through all consistent sightings. Others are dropped, the worst one first. */
function smoothed(
  track: ObjectTrack,
  first: TrackKey,
  last: TrackKey | null,
  order: readonly number[],
  sightings: readonly (TrackSighting | null)[],
  frames: readonly SequenceFrame[],
): { states: readonly motion.MotionState[]; believed: readonly boolean[] } {
  const axes = axesOf(first);
  const times = [first.frame, ...order, ...(last === null ? [] : [last.frame])].map(
    (frame) => frames[frame]!.timestamp,
  );
  const end = last === null ? [] : [{ box: last.world, sigma: AT_KEYFRAME }];
  const believed = confirmed(
    sightings.map((sighting) => sighting?.isBorneOut ?? false),
    times,
    last !== null,
  );
  for (let round = 0; ; round++) {
    const placed = sightings.map((sighting, k) => (believed[k] ? sighting : null));
    const all = motion.smoothMotion(
      times,
      [null, ...placed, ...end],
      axes,
      motion.startOf(track.model),
      track.model,
    );
    const states = all.slice(1, 1 + order.length);
    const worst = round < OUTLIER.rounds ? outlier(placed, states, axes) : -1;
    if (worst < 0) return { states, believed };
    believed[worst] = false;
  }
}

/**
 * Without single sightings long after the last one: there the motion is uncertain, and anything may be at the
 * place by chance.
 * @param times of the first keyframe, the sightings, and the last keyframe if there is one
 */
function confirmed(seen: readonly boolean[], times: readonly number[], isBetween: boolean): boolean[] {
  const apart = (a: number, b: number) => Math.abs(times[b]! - times[a]!);
  const isNear = (a: number, b: number) => b - a === 1 || apart(a, b) <= TRACK.confirmSeconds;
  const known = [true, ...seen, ...(isBetween ? [true] : [])];
  return seen.map((isSeen, k) => {
    if (!isSeen) return false;
    const at = k + 1;
    const before = known.lastIndexOf(true, at - 1);
    const after = known.indexOf(true, at + 1);
    return isNear(before, at) || (after >= 0 && isNear(at, after));
  });
}

/** The sighting that lies farthest from the smoothed motion, if that is too far; else -1. */
function outlier(
  placed: readonly (TrackSighting | null)[],
  states: readonly motion.MotionState[],
  axes: motion.MotionAxes,
): number {
  let worst = -1;
  let most = 1;
  for (const [k, sighting] of placed.entries()) {
    if (sighting === null) continue;
    const { along, across, turn } = states[k]!;
    const { box, sigma } = headedLike(sighting, axes.yaw + turn.value);
    const [u, v] = motion.toAxes(axes, box.center);
    const far = Math.hypot(u - along.value, v - across.value);
    const beyond = far / (OUTLIER.sigmas * sigma.place + OUTLIER.metres);
    if (beyond > most) [worst, most] = [k, beyond];
  }
  return worst;
}

/** Time from each frame to the nearest frame with a sighting or a keyframe. */
function unseenSeconds(
  first: TrackKey,
  last: TrackKey | null,
  order: readonly number[],
  believed: readonly boolean[],
  frames: readonly SequenceFrame[],
): number[] {
  const seen = [first.frame, ...order.filter((_, k) => believed[k]), ...(last === null ? [] : [last.frame])];
  const times = seen.map((frame) => frames[frame]!.timestamp);
  return order.map((frame) => {
    const at = frames[frame]!.timestamp;
    return Math.min(...times.map((time) => Math.abs(time - at)));
  });
}
