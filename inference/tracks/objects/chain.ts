/**
 * Follows a moving object from a keyframe, frame by frame. While its speed is unknown, several hypotheses of
 * its motion are followed in parallel, until the frames decide.
 */
import { type Box, wrapAngle } from '../../boxes/index.ts';
import { TRACK } from '../constants.ts';
import * as motion from '../motion/index.ts';
import type { Segment } from '../segments.ts';
import type { SequenceFrame } from '../sequence.ts';
import { distance, type ObjectTrack } from './object-track.ts';
import { headedLike, type TrackSighting } from './sighting.ts';
import type { TrackKey } from './track-key.ts';

/** One hypothesis of the object's motion. */
interface StartHypothesis {
  readonly state: motion.MotionState;
  /** Logarithm of how well the frames support it. */
  readonly worth: number;
  /** The sightings of the object since the hypothesis branched off. */
  readonly sightings: readonly TrackSighting[];
}

/** Sightings closer to each other than this are the same place, metres. */
const SAME_PLACE = 0.5;
/**
 * Worth of an overlap with the keyframe's points that nobody knows. Points that the keyframe could not show
 * are worth as much: they have no partners, whosever they are.
 */
const UNKNOWN_OVERLAP = 0.3;
/** Uncertainty of the speed between two keyframes, m/s: a constant, and per second between them. */
const SPEED_BETWEEN = { base: 1, bySeconds: 1.5 };

export class Chain {
  readonly track: ObjectTrack;
  readonly key: TrackKey;
  /** The keyframe at the other end of the segment. */
  readonly other: TrackKey | null;
  /** In the order of the visits. */
  readonly frames: readonly number[];
  readonly axes: motion.MotionAxes;
  #hypotheses: readonly StartHypothesis[];
  #time: number;
  /** Frames in which the object was seen. */
  #seen = 0;

  private constructor(
    track: ObjectTrack,
    key: TrackKey,
    other: TrackKey | null,
    frames: readonly number[],
    sequence: readonly SequenceFrame[],
  ) {
    this.track = track;
    this.key = key;
    this.other = other;
    this.frames = frames;
    this.axes = { origin: key.world.center, yaw: key.world.yaw };
    this.#time = sequence[key.frame]!.timestamp;
    const speed = other === null ? null : this.#speedTo(other, sequence[other.frame]!.timestamp);
    this.#hypotheses = [{ state: motion.startOf(track.model, speed), worth: 0, sightings: [] }];
  }

  /**
   * The chain of a segment from its first keyframe forward, or from its last one backward; null if there is
   * none. Between two keyframes each chain goes half of the way.
   */
  static of(
    track: ObjectTrack,
    segment: Segment,
    way: 'forward' | 'backward',
    sequence: readonly SequenceFrame[],
  ): Chain | null {
    const [near, far] = way === 'forward' ? [segment.from, segment.to] : [segment.to, segment.from];
    if (near === null) return null;
    const key = track.keys[near]!;
    const frames = segment.frames.filter((frame) => track.keyFor(frame) === key);
    if (frames.length === 0) return null;
    const order = way === 'forward' ? frames : [...frames].reverse();
    return new Chain(track, key, far === null ? null : track.keys[far]!, order, sequence);
  }

  /**
   * Predicts the object at a time. Returns the boxes to start from in the world, the most likely one first.
   */
  goTo(time: number): Box[] {
    const dt = time - this.#time;
    this.#time = time;
    this.#hypotheses = this.#hypotheses.map((each) => ({
      ...each,
      state: motion.ahead(each.state, this.track.model, dt),
    }));
    return this.#hypotheses.flatMap(({ state }) => this.#startsOf(state));
  }

  /**
   * Adds the fits of a frame.
   * @param found in the world, from any start
   * @returns the object's sightings by the best hypothesis: of this frame, and of earlier ones that changed
   */
  take(found: readonly TrackSighting[]): readonly TrackSighting[] {
    const next = this.#hypotheses.flatMap((each) => this.#branches(each, found));
    this.#hypotheses = this.#pruned(next);
    const best = this.#hypotheses[0]!;
    if (best.sightings.at(-1)!.isBorneOut) this.#seen++;
    const changed = best.sightings;
    if (this.#hypotheses.length === 1) this.#hypotheses = [{ ...best, sightings: [] }];
    return changed;
  }

  /** The most likely box, in the world. */
  get box(): Box {
    return motion.boxOf(this.#hypotheses[0]!.state, this.axes, this.track.size);
  }

  get velocity() {
    return motion.velocityOf(this.#hypotheses[0]!.state, this.axes);
  }

  #speedTo(other: TrackKey, time: number) {
    const dt = time - this.#time;
    const [u, v] = motion.toAxes(this.axes, other.world.center);
    const { model } = this.track;
    const sigma = Math.min(model.along, SPEED_BETWEEN.base + SPEED_BETWEEN.bySeconds * Math.abs(dt));
    const across = Math.min(sigma, model.across + Math.abs(v / dt));
    return { mean: [u / dt, v / dt] as const, sigma: [sigma, across] as const };
  }

  #startsOf(state: motion.MotionState): Box[] {
    const { step, fromSigma, sigmas, reach } = TRACK.search;
    const sigma = Math.sqrt(state.along.vv);
    const likely = motion.boxOf(state, this.axes, this.track.size);
    const starts = [likely];
    if (sigma < fromSigma) return starts;
    const [c, s] = [Math.cos(likely.yaw), Math.sin(likely.yaw)];
    const [x, y, z] = likely.center;
    for (let d = step; d <= Math.min(reach, sigmas * sigma); d += step)
      for (const by of [d, -d]) starts.push({ ...likely, center: [x + by * c, y + by * s, z] });
    return starts;
  }

  /** The successors of a hypothesis: one for each place found, and one without a sighting. */
  #branches(
    { state, worth, sightings }: StartHypothesis,
    found: readonly TrackSighting[],
  ): StartHypothesis[] {
    const heading = this.axes.yaw + state.turn.value;
    const apart: { sighting: TrackSighting; worth: number }[] = [];
    for (const each of found) {
      const sighting = headedLike(each, heading);
      if (!sighting.isBorneOut || !this.#isNear(sighting, state)) continue;
      const its = this.#worthOf(sighting, state);
      const same = apart.findIndex((other) => distance(other.sighting.box, sighting.box) < SAME_PLACE);
      if (same < 0) apart.push({ sighting, worth: its });
      else if (its > apart[same]!.worth) apart[same] = { sighting, worth: its };
    }
    const unseen = { ...found[0]!, isBorneOut: false };
    return [
      { state, worth: worth + TRACK.hypotheses.missed, sightings: [...sightings, unseen] },
      ...apart.map(({ sighting, worth: its }) => ({
        state: motion.measured(state, this.axes, sighting),
        worth: worth + its,
        sightings: [...sightings, sighting],
      })),
    ];
  }

  #pruned(all: readonly StartHypothesis[]): StartHypothesis[] {
    const { most, settledAfter, dominatedBy } = TRACK.hypotheses;
    const sorted = [...all].sort((a, b) => b.worth - a.worth);
    const best = sorted[0]!;
    if (this.#seen >= settledAfter) return [best];
    const kept: StartHypothesis[] = [];
    for (const each of sorted) {
      if (each.worth < best.worth - dominatedBy || kept.length >= most) break;
      if (!kept.some((other) => isSame(other, each))) kept.push(each);
    }
    return kept;
  }

  #isNear({ box, sigma }: TrackSighting, { along, across, turn }: motion.MotionState): boolean {
    const { sigmas, metres, turn: mostTurn } = TRACK.gate;
    const [u, v] = motion.toAxes(this.axes, box.center);
    const limit = (variance: number) => sigmas * Math.sqrt(variance + sigma.place ** 2) + metres;
    return (
      Math.abs(u - along.value) < limit(along.vv) &&
      Math.abs(v - across.value) < limit(across.vv) &&
      Math.abs(wrapAngle(box.yaw - this.axes.yaw - turn.value)) < mostTurn
    );
  }

  /** Fraction of the points to expect in a frame that the keyframe could not show: it saw fewer. */
  #unshown(expected: number): number {
    return 1 - Math.min(1, this.key.points / Math.max(1, expected));
  }

  /**
   * Logarithm of how well a sighting matches a hypothesis: by network, points, and distance from the
   * prediction.
   */
  #worthOf({ box, fit, expected, sigma }: TrackSighting, { along, across }: motion.MotionState): number {
    const weight = TRACK.worth;
    const [u, v] = motion.toAxes(this.axes, box.center);
    const spread = 0.01 + sigma.place ** 2;
    const off = (u - along.value) ** 2 / (along.vv + spread) + (v - across.value) ** 2 / (across.vv + spread);
    const share = Math.min(1, (fit!.inside + 1) / (expected + 1));
    const overlap = Math.max(
      UNKNOWN_OVERLAP * this.#unshown(expected),
      fit!.registration?.overlap ?? UNKNOWN_OVERLAP,
    );
    return (
      weight.score * Math.log(Math.max(0.05, fit!.score)) +
      weight.share * Math.log(share) +
      weight.overlap * Math.log(Math.max(0.05, overlap)) -
      (weight.distance * off) / 2
    );
  }
}

function isSame(a: StartHypothesis, b: StartHypothesis): boolean {
  const { along, across } = a.state;
  const away = Math.hypot(along.value - b.state.along.value, across.value - b.state.across.value);
  return away < SAME_PLACE && a.sightings.at(-1)?.isBorneOut === b.sightings.at(-1)?.isBorneOut;
}
