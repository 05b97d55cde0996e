/** The final lines of a standing object: one place for each segment, and the status of each frame. */
import type { Box } from '../../boxes/index.ts';
import { isInPlace } from '../frames/index.ts';
import type { TrackBox, TrackLost } from '../lines.ts';
import {
  corrected,
  correctionOf,
  distance,
  halfWay,
  type ObjectTrack,
  offsetOf,
  type Residual,
  type TrackKey,
  type TrackSighting,
} from '../objects/index.ts';
import type { Segment } from '../segments.ts';
import { boxInFrame, boxInWorld, type SequenceFrame } from '../sequence.ts';
import { iouOfDeviations } from './expected-iou.ts';
import { median, weightedMedian } from './median.ts';
import { STILL } from './static-test.ts';
import { verdictAtPlace } from './status.ts';

/** A sighting this close to the place, in tolerances of the static test and in metres, confirms the place. */
const NEAR = { tolerances: 4, metres: 1 };
/**
 * If poses are inaccurate, the points jump to and fro against the keyframe's. This is the median jump from
 * the mean of the neighbours, metres; above it each frame's box follows its points.
 */
const SHAKY_METRES = 0.025;
/** The fraction by which it follows them; the rest counts as noise of the registration. */
const WITH_POINTS = 0.85;
const TRUSTED = { overlap: 0.5, partners: 15 };

export function* staticLines(
  track: ObjectTrack,
  segment: Segment,
  frames: readonly SequenceFrame[],
): Generator<TrackBox | TrackLost> {
  const place = placeOf(track, segment, frames);
  const slips = slipsOf(track, segment);
  const isBetween = segment.from !== null && segment.to !== null;
  for (const frame of segment.frames) {
    const failure = track.failures.get(frame);
    if (failure !== undefined) {
      yield { id: track.id, frame, ...failure, final: true };
      continue;
    }
    const sighting = track.atPlace.get(frame) ?? null;
    const isBelieved = sighting !== null && bearsOut(sighting, place);
    const verdict = verdictAtPlace(sighting, isBelieved, isBetween);
    if ('lost' in verdict) {
      yield { id: track.id, frame, ...verdict, final: true };
      continue;
    }
    const sigma = isBelieved ? 0.02 : 0.1;
    yield {
      id: track.id,
      frame,
      box: boxInFrame(frames[frame]!, shifted(place, slips?.get(frame))),
      score: iouOfDeviations(track.size, [sigma, sigma, sigma]),
      status: verdict.status,
      method: isBelieved ? 'model' : 'motion',
      points: sighting?.start.inside ?? 0,
      velocity: [0, 0, 0],
      final: true,
    };
  }
}

/**
 * The place of the object: from the keyframes of the segment that a person drew, else from all its keyframes
 * and the fits of the frames.
 */
function placeOf(track: ObjectTrack, segment: Segment, frames: readonly SequenceFrame[]): Box {
  const ends = [segment.from, segment.to].filter((at) => at !== null).map((at) => track.keys[at]!);
  const drawn = ends.filter(({ isFixed }) => isFixed);
  return drawn.length > 0
    ? meanOf(drawn.map(({ world }) => world))
    : towardsFits(ends, track, segment, frames);
}

/**
 * From the mean of keyframes that are not fixed, as they were drawn, part of the way to where the network
 * puts the object in the frames. Frames with many points count more; which side they show makes no
 * difference.
 */
function towardsFits(
  keys: readonly TrackKey[],
  track: ObjectTrack,
  { frames }: Segment,
  sequence: readonly SequenceFrame[],
): Box {
  const near = meanOf(keys.map(({ world }) => world));
  const drawn = meanOf(
    keys.map((key) => boxInWorld(sequence[key.frame]!, { ...key.drawn, size: track.size })),
  );
  const offsets = frames.flatMap((frame) => {
    const sighting = track.atPlace.get(frame);
    if (!sighting?.fit || !bearsOut(sighting, near)) return [];
    const { box, inside } = sighting.fit;
    return { ...offsetOf(boxInWorld(sequence[frame]!, box), drawn), weight: Math.sqrt(inside) };
  });
  if (offsets.length === 0 || keys[0]!.points === 0) return near;
  const typical = (axis: keyof Residual) =>
    weightedMedian(offsets.map((each) => ({ value: each[axis], weight: each.weight })));
  const by = { along: typical('along'), across: typical('across'), up: typical('up'), turn: typical('turn') };
  return corrected(drawn, correctionOf(by));
}

function meanOf([a, b]: readonly Box[]): Box {
  return b === undefined ? a! : halfWay(a!, b);
}

function bearsOut(sighting: TrackSighting, place: Box): boolean {
  if (isInPlace(sighting.start.registration)) return true;
  const points = Math.max(1, sighting.fit?.inside ?? 0);
  const near = Math.min(NEAR.metres, NEAR.tolerances * (STILL.metres + STILL.byPoints / Math.sqrt(points)));
  return sighting.isBorneOut && distance(sighting.box, place) < near;
}

/**
 * Shift of the points of each frame against the keyframe's, along and across the box, if the poses are
 * inaccurate; else null.
 */
function slipsOf(track: ObjectTrack, { frames }: Segment): Map<number, readonly [number, number]> | null {
  const slips = new Map<number, readonly [number, number]>();
  for (const frame of frames) {
    const registration = track.atPlace.get(frame)?.start.registration ?? null;
    if (registration === null) continue;
    if (registration.overlap < TRUSTED.overlap || registration.partners < TRUSTED.partners) continue;
    slips.set(frame, [-registration.move[0], -registration.move[1]]);
  }
  const jumps: number[] = [];
  for (const [frame, [u, v]] of slips) {
    const before = slips.get(frame - 1);
    const after = slips.get(frame + 1);
    if (before !== undefined && after !== undefined)
      jumps.push(Math.hypot(u - (before[0] + after[0]) / 2, v - (before[1] + after[1]) / 2));
  }
  return jumps.length >= 3 && median(jumps) > SHAKY_METRES ? slips : null;
}

function shifted(box: Box, slip: readonly [number, number] | undefined): Box {
  if (slip === undefined) return box;
  return corrected(box, { along: WITH_POINTS * slip[0], across: WITH_POINTS * slip[1], up: 0, turn: 0 });
}
