/** The lines of a track's stream. Plain objects, so that they can be sent as they are. */
import type { ErrorCode } from '../../cache/index.ts';
import type { Box, Vec3 } from '../boxes/index.ts';
import type { FrameCost } from './frames/index.ts';

const TRACK_STATUSES = ['keyframe', 'measured', 'interpolated', 'predicted', 'occluded'] as const;
export type TrackStatus = (typeof TRACK_STATUSES)[number];

const LOST_REASONS = ['no_points', 'occluded', 'jumped', 'left_range', 'absent'] as const;
export type LostReason = (typeof LOST_REASONS)[number] | ErrorCode;

/** Two keyframes that contradict each other. */
export interface Disagreement {
  /** Their frames. */
  readonly frames: readonly [number, number];
  /** The largest difference of a length, width or height, metres; 0: the sizes agree. */
  readonly size: number;
  /** Distance between the two places of a standing object, metres; 0: they agree, or the object moves. */
  readonly place: number;
}

/** The first line of each object. */
export interface TrackHead {
  readonly id: string | null;
  readonly track: {
    readonly static: boolean;
    readonly size: Vec3;
    /** Index in the object's `keyframes` of the one that gives the size. */
    readonly sizeFrom: number;
    /** Number of frames that get a final line. */
    readonly frames: number;
    /** Missing if all keyframes agree. */
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
  /** Source of the place: a person, the network, or the motion alone. */
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
  /** Message of the error, if `lost` is an error code. */
  readonly detail?: string;
  readonly final: true;
}

/** The last line. A stream without it was interrupted. */
interface TrackDone {
  readonly done: true;
  readonly cost: FrameCost;
  readonly timings: { readonly totalMs: number; readonly readMs: number; readonly fitMs: number };
}

export type TrackLine = TrackHead | TrackBox | TrackLost | TrackDone;
