/** What a track's stream consists of. Plain objects: they go over the wire as they are. */
import type { ErrorCode } from '../../cache/index.ts';
import type { Box, Vec3 } from '../boxes/index.ts';
import type { FrameCost } from './frames/index.ts';

const TRACK_STATUSES = ['keyframe', 'measured', 'interpolated', 'predicted', 'occluded'] as const;
export type TrackStatus = (typeof TRACK_STATUSES)[number];

const LOST_REASONS = ['no_points', 'occluded', 'jumped', 'left_range', 'absent'] as const;
export type LostReason = (typeof LOST_REASONS)[number] | ErrorCode;

/** Two keyframes that do not go together. */
export interface Disagreement {
  /** Their frames. */
  readonly frames: readonly [number, number];
  /** The largest difference of a length, width or height, metres; 0: the sizes agree. */
  readonly size: number;
  /** How far apart the places of a standing object were drawn, metres; 0: they agree, or the object moves. */
  readonly place: number;
}

/** First for each object. */
export interface TrackHead {
  readonly id: string | null;
  readonly track: {
    readonly static: boolean;
    readonly size: Vec3;
    /** Index in the object's `keyframes` of the one whose size it is. */
    readonly sizeFrom: number;
    /** Frames that end with a final line. */
    readonly frames: number;
    /** Left out if all keyframes agree. */
    readonly disagreements?: readonly Disagreement[];
  };
}

export interface TrackBox {
  readonly id: string | null;
  readonly frame: number;
  readonly box: Box;
  /** The expected 3D IoU, 0..1. */
  readonly score: number;
  readonly status: TrackStatus;
  /** Who said where: a hand, the network, or the motion alone. */
  readonly method: 'keyframe' | 'model' | 'motion';
  /** Points in the box. */
  readonly points: number;
  /** Metres a second, in the frames' common world. */
  readonly velocity: Vec3;
  /** false: a later line of the same object and frame replaces this one. */
  readonly final: boolean;
}

export interface TrackLost {
  readonly id: string | null;
  readonly frame: number;
  readonly lost: LostReason;
  /** What is wrong with the frame, where `lost` is an error's code. */
  readonly detail?: string;
  readonly final: true;
}

/** The last line. A stream without it was cut off. */
interface TrackDone {
  readonly done: true;
  readonly cost: FrameCost;
  readonly timings: { readonly totalMs: number; readonly readMs: number; readonly fitMs: number };
}

export type TrackLine = TrackHead | TrackBox | TrackLost | TrackDone;
