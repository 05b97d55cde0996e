/** The request of a track: a sequence of frames with its objects; boxes in frames and in the world. */
import type { Box } from '../boxes/index.ts';
import { IDENTITY_POSE, inversePose, type Pose, transformBox } from '../boxes/index.ts';
import type { ObjectClass } from '../classes/index.ts';

/** One frame: its time and its pose. */
export interface SequenceFrame {
  /** Seconds; ascending. */
  readonly timestamp: number;
  /** Transforms the frame's coordinates to those of the world; null: both are the same. */
  readonly pose: Pose | null;
}

export interface Keyframe {
  /** Index of its frame. */
  readonly frame: number;
  /** In the frame's own coordinates. */
  readonly box: Box;
  /** Whether a person drew it. The answer in its frame is then this box. */
  readonly confirmed: boolean;
}

export interface TrackedObject {
  /** null: the request has only one object. */
  readonly id: string | null;
  readonly class: ObjectClass | null;
  /** In the order of the request; the one that was edited last comes last. */
  readonly keyframes: readonly Keyframe[];
  /** Keyframes in these frames stay as they are, confirmed or not. */
  readonly locked: readonly number[];
  /** Frames in which the object is absent. */
  readonly absent: readonly number[];
  /** Whether it moves, if the caller knows. */
  readonly static: boolean | undefined;
}

export interface TrackTask {
  readonly frames: readonly SequenceFrame[];
  readonly objects: readonly TrackedObject[];
  readonly direction: 'both' | 'forward' | 'backward';
  /** First and last requested frame, both included. */
  readonly range: readonly [number, number];
}

export function boxInWorld({ pose }: SequenceFrame, box: Box): Box {
  return transformBox(pose ?? IDENTITY_POSE, box);
}

export function boxInFrame({ pose }: SequenceFrame, box: Box): Box {
  return transformBox(inversePose(pose ?? IDENTITY_POSE), box);
}
