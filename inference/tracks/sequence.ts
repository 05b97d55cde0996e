/**
 * A sequence and the objects in it, as a request tells them, and the way between a frame's coordinates and
 * the world's.
 */
import type { Box } from '../boxes/index.ts';
import { IDENTITY_POSE, inversePose, type Pose, transformBox } from '../boxes/index.ts';
import type { ObjectClass } from '../classes/index.ts';

/** One frame: when it was taken, and where. */
export interface SequenceFrame {
  /** Seconds; rising. */
  readonly timestamp: number;
  /** Takes the frame's coordinates to the world's; null: they are taken for the world's. */
  readonly pose: Pose | null;
}

export interface Keyframe {
  /** Index of its frame. */
  readonly frame: number;
  /** In the frame's own coordinates. */
  readonly box: Box;
  /** Whether a hand drew it: then the answer in its frame is this box. */
  readonly confirmed: boolean;
}

export interface TrackedObject {
  /** null: the request has only one object. */
  readonly id: string | null;
  readonly class: ObjectClass | null;
  /** In the order of the request: the one edited last comes last. */
  readonly keyframes: readonly Keyframe[];
  /** Keyframes in these frames stay as they are, confirmed or not. */
  readonly locked: readonly number[];
  /** Frames in which the object is not there. */
  readonly absent: readonly number[];
  /** Whether it moves, if the caller knows. */
  readonly static: boolean | undefined;
}

export interface TrackTask {
  readonly frames: readonly SequenceFrame[];
  readonly objects: readonly TrackedObject[];
  readonly direction: 'both' | 'forward' | 'backward';
  /** First and last frame that is wanted, both included. */
  readonly range: readonly [number, number];
}

export function boxInWorld({ pose }: SequenceFrame, box: Box): Box {
  return transformBox(pose ?? IDENTITY_POSE, box);
}

export function boxInFrame({ pose }: SequenceFrame, box: Box): Box {
  return transformBox(inversePose(pose ?? IDENTITY_POSE), box);
}
