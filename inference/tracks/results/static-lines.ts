/** The final lines of a standing object: one place for each segment, and the status of each frame. */
import { type Box, toBoxFrame, type Vec3, wrapAngle } from '../../boxes/index.ts';
import { isInPlace } from '../frames/index.ts';
import type { TrackBox, TrackLost } from '../lines.ts';
import {
  distance,
  foldedTurn,
  halfWay,
  type ObjectTrack,
  type TrackKey,
  type TrackSighting,
} from '../objects/index.ts';
import type { Segment } from '../segments.ts';
import { boxInFrame, type SequenceFrame } from '../sequence.ts';
import { iouOfDeviations } from './expected-iou.ts';
import { median, STILL } from './static-test.ts';
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
  const place = placeOf(track, segment);
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
 * The place of the object: from the keyframes of the segment that a person drew, else from all keyframes and
 * the fits of the frames.
 */
function placeOf(track: ObjectTrack, { from, to, frames }: Segment): Box {
  const ends = [from, to].filter((at) => at !== null).map((at) => track.keys[at]!);
  const drawn = ends.filter(({ isFixed }) => isFixed);
  const [a, b] = drawn.length > 0 ? drawn : ends;
  const mean = b === undefined ? a!.world : halfWay(a!.world, b.world);
  return drawn.length > 0 ? mean : towardsFits(mean, a!, frames, track);
}

/** Half of the way from a keyframe that is not fixed to the median of the fits. */
function towardsFits(world: Box, key: TrackKey, frames: readonly number[], track: ObjectTrack): Box {
  const offsets: [number, number, number, number][] = [];
  for (const frame of frames) {
    const sighting = track.atPlace.get(frame);
    if (sighting === undefined || !bearsOut(sighting, world)) continue;
    const [u, v, w] = toBoxFrame(world, sighting.box.center);
    offsets.push([u, v, w, foldedTurn(sighting.box.yaw - world.yaw)]);
  }
  if (offsets.length === 0 || key.points === 0) return world;
  const half = ([0, 1, 2, 3] as const).map((axis) => median(offsets.map((each) => each[axis])) / 2);
  return turned(moved(world, half[0]!, half[1]!, half[2]!), half[3]!);
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
  return slip === undefined ? box : moved(box, WITH_POINTS * slip[0], WITH_POINTS * slip[1], 0);
}

/** The box moved along its own axes, metres. */
function moved(box: Box, u: number, v: number, w: number): Box {
  const [c, s] = [Math.cos(box.yaw), Math.sin(box.yaw)];
  const [x, y, z] = box.center;
  const center: Vec3 = [x + u * c - v * s, y + u * s + v * c, z + w];
  return { ...box, center };
}

function turned(box: Box, by: number): Box {
  return { ...box, yaw: wrapAngle(box.yaw + by) };
}
