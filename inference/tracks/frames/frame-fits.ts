/**
 * What a track asks of a frame, and the answer. This is the narrow interface between the driver, which knows
 * motion and time, and whoever holds the points and the network. All objects of a frame are asked for
 * together, so that the frame is read once.
 */
import type { Box, Vec3 } from '../../boxes/index.ts';
import type { ObjectClass } from '../../classes/index.ts';
import type { Registration, Shape } from './shape.ts';

/** One object in one frame. Boxes are in the frame's own coordinates. */
export interface FitAsk {
  /** Boxes to start from; the first is the most likely one. The size is kept. At least one. */
  readonly starts: readonly Box[];
  readonly class: ObjectClass | null;
  /** The object's points in its keyframe, to register with; null: none. */
  readonly reference: Shape | null;
  /** Whether the points in the first start are wanted as a shape. */
  readonly wantsShape: boolean;
}

/** Where a fit led, and what the points say of it. */
export interface Fitted {
  readonly box: Box;
  /** The expected 3D IoU, 0..1. */
  readonly score: number;
  /** Points in the box, those at its floor left out. */
  readonly inside: number;
  readonly registration: Registration | null;
}

/** What the points say of the first start itself. */
export interface StartEvidence {
  readonly inside: number;
  readonly registration: Registration | null;
  /** Share of the surroundings of the box that something in front hides, 0..1. */
  readonly hidden: number;
  /** Share of them that rays went through, 0..1. */
  readonly free: number;
}

export interface FitReply {
  /** One for each start, in order; null where there are no points to go by. */
  readonly fits: readonly (Fitted | null)[];
  readonly start: StartEvidence;
  readonly shape: Shape | null;
}

/** What was read for a frame. */
export interface FrameCost {
  readonly nodes: number;
  readonly bytes: number;
  readonly memory: number;
  readonly disk: number;
  readonly origin: number;
}

export interface FrameAnswer {
  /** One for each ask, in order. */
  readonly replies: readonly FitReply[];
  /** The version of the frame's cloud: what is known of one version does not hold for another. */
  readonly version: string;
  /** Where the scanner stood, in the frame's coordinates; null if unknown. */
  readonly sensor: Vec3 | null;
  /** Where the frame has points; null if unknown. */
  readonly bounds: CloudExtent | null;
  readonly cost: FrameCost;
  readonly timings: FrameTimings;
}

export interface CloudExtent {
  readonly min: Vec3;
  readonly max: Vec3;
}

/** Milliseconds. */
export interface FrameTimings {
  readonly readMs: number;
  readonly fitMs: number;
}

/** Frames by their index in the request. */
export interface FrameFits {
  /**
   * Answers all asks of a frame.
   * @throws NearboxError if the frame cannot be read or fitted, or the signal's reason
   */
  ask(frame: number, asks: readonly FitAsk[], signal: AbortSignal): Promise<FrameAnswer>;
  /**
   * Begins to read what an `ask` about places near `around` will need. Never throws; a failure shows in the
   * `ask`.
   */
  readAhead(frame: number, around: readonly Box[], signal: AbortSignal): void;
}
