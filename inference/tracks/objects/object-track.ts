/** One object of a request: its keyframes, its segments, and its sightings so far. */
import { type Box, type Vec3, wrapAngle } from '../../boxes/index.ts';
import type { FitReply } from '../frames/index.ts';
import type { Disagreement, LostReason } from '../lines.ts';
import { type MotionModel, motionOf } from '../motion/index.ts';
import { type Segment, segmentsOf } from '../segments.ts';
import {
  boxInWorld,
  type Keyframe,
  type SequenceFrame,
  type TrackedObject,
  type TrackTask,
} from '../sequence.ts';
import { corrected, correctionOf } from './correction.ts';
import { NO_RESIDUAL, residualOf } from './residual.ts';
import { shownArea } from './shown-area.ts';
import type { TrackSighting } from './sighting.ts';
import type { TrackKey } from './track-key.ts';

/** Sizes that differ by less than this agree, metres. */
const SAME_SIZE = 0.001;
/** Places of a standing object that differ by less than this agree, metres. */
const SAME_PLACE = 0.1;

export class ObjectTrack {
  readonly object: TrackedObject;
  readonly id: string | null;
  readonly size: Vec3;
  /** Index in the object's keyframes. */
  readonly sizeFrom: number;
  /** In the order of frames. */
  readonly keys: TrackKey[];
  readonly segments: readonly Segment[];
  /** Frames in which it is absent, or that no keyframe reaches. */
  readonly absent: readonly number[];
  readonly model: MotionModel;
  /** Sightings from the keyframe's place, by frame. */
  readonly atPlace = new Map<number, TrackSighting>();
  /** Sightings along the motion, by frame. */
  readonly onTheWay = new Map<number, TrackSighting>();
  /** Why a frame has no answer, by frame. */
  readonly failures = new Map<number, { readonly lost: LostReason; readonly detail: string }>();
  isStatic: boolean | undefined;
  readonly #segmentOf = new Map<number, Segment>();
  readonly #frames: readonly SequenceFrame[];

  constructor(object: TrackedObject, request: TrackTask) {
    this.object = object;
    this.id = object.id;
    this.#frames = request.frames;
    this.sizeFrom = object.keyframes.length - 1;
    this.size = object.keyframes[this.sizeFrom]!.box.size;
    this.keys = object.keyframes.map((key) => this.#key(key)).sort((a, b) => a.frame - b.frame);
    const at = this.keys.map(({ frame }) => frame);
    const cut = segmentsOf(at, object.absent, request);
    this.segments = cut.segments;
    this.absent = cut.absent;
    for (const segment of cut.segments)
      for (const frame of segment.frames) this.#segmentOf.set(frame, segment);
    this.model = motionOf(object.class);
    this.isStatic = object.static;
  }

  /** The keyframe of the frame's segment that is nearest in time. */
  keyFor(frame: number): TrackKey {
    const { from, to } = this.#segmentOf.get(frame)!;
    if (from === null) return this.keys[to!]!;
    if (to === null) return this.keys[from]!;
    const [a, b] = [this.keys[from]!, this.keys[to]!];
    const time = (at: number) => this.#frames[at]!.timestamp;
    return time(frame) - time(a.frame) <= time(b.frame) - time(frame) ? a : b;
  }

  segmentOf(frame: number): Segment {
    return this.#segmentOf.get(frame)!;
  }

  /** Adds the answer in a keyframe's own frame, fitted from the keyframe's box with the track's size. */
  learn(key: TrackKey, { fits, start, shape }: FitReply, sensor: Vec3 | null): void {
    const fit = fits[0] ?? null;
    const box = { ...key.drawn, size: this.size };
    const residual = fit === null ? NO_RESIDUAL : residualOf(fit.box, box, start.inside);
    const known = { ...key, residual, shape, points: start.inside, area: shownArea(box, sensor) };
    this.keys[this.keys.indexOf(key)] = key.isFixed ? known : this.#corrected(known, box);
  }

  /** Pairs of neighbouring keyframes that contradict each other. */
  disagreements(): Disagreement[] {
    const found: Disagreement[] = [];
    for (const [k, b] of this.keys.entries()) {
      const a = this.keys[k - 1];
      if (a === undefined) continue;
      const sizes = a.drawn.size.map((length, axis) => Math.abs(length - b.drawn.size[axis]!));
      const size = Math.max(...sizes);
      const apart = this.isStatic ? distance(a.world, b.world) : 0;
      const place = apart > SAME_PLACE ? apart : 0;
      if (size > SAME_SIZE || place > 0)
        found.push({ frames: [a.frame, b.frame], size: size > SAME_SIZE ? size : 0, place });
    }
    return found;
  }

  #key({ frame, box, confirmed }: Keyframe): TrackKey {
    return {
      frame,
      drawn: box,
      isFixed: confirmed || this.object.locked.includes(frame),
      world: { ...boxInWorld(this.#frames[frame]!, box), size: this.size },
      residual: NO_RESIDUAL,
      shape: null,
      points: 0,
      area: 0,
    };
  }

  /** The keyframe after its part of the way to the network's answer; the residual is what is left of it. */
  #corrected(key: TrackKey, box: Box): TrackKey {
    const { residual } = key;
    const by = correctionOf(residual);
    const shape = key.shape?.slice() ?? null;
    for (let i = 0; shape !== null && i < shape.length; i += 3) {
      shape[i]! -= by.along;
      shape[i + 1]! -= by.across;
      shape[i + 2]! -= by.up;
    }
    const { along, across, up, turn } = residual;
    return {
      ...key,
      shape,
      world: boxInWorld(this.#frames[key.frame]!, corrected(box, by)),
      residual: { along: along - by.along, across: across - by.across, up: up - by.up, turn: turn - by.turn },
    };
  }
}

/** Distance of the centres, seen from above, metres. */
export function distance(a: Box, b: Box): number {
  return Math.hypot(a.center[0] - b.center[0], a.center[1] - b.center[1]);
}

/** The box half way between two. @param size of the answer */
export function halfWay(a: Box, b: Box): Box {
  const center: Vec3 = [
    (a.center[0] + b.center[0]) / 2,
    (a.center[1] + b.center[1]) / 2,
    (a.center[2] + b.center[2]) / 2,
  ];
  return { center, size: a.size, yaw: wrapAngle(a.yaw + wrapAngle(b.yaw - a.yaw) / 2) };
}
