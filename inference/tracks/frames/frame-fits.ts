/**
 * The request of a track to a frame, and its answer. This is the narrow interface between the driver, which
 * knows motion and time, and the owner of points and network. One request covers all objects of a frame, so
 * that the frame is read once.
 */
import type { Box, Vec3 } from '../../boxes/index.ts';
import type { ObjectClass } from '../../classes/index.ts';
import type { Registration } from './registration.ts';
import type { Shape } from './shape.ts';

/**
 * When a standing object's place is fitted: always, if the points do not show for sure that the object is
 * there, or if they do not show it there.
 */
export type FitAtPlace = 'fit' | 'fit_if_unsure' | 'fit_if_moved';

/** One object in one frame. Boxes are in the frame's own coordinates. */
export interface FitAsk {
  /** Boxes to start from, at least one; the first is the most likely one. The size is kept. */
  readonly starts: readonly Box[];
  readonly class: ObjectClass | null;
  /** The object's points in its keyframe, for registration; null: none. */
  readonly reference: Shape | null;
  /**
   * For the place of a standing object, where the points are registered: when a fit is wanted as well. null:
   * the object moves.
   */
  readonly atPlace: FitAtPlace | null;
  /** Whether to return the points in the first start as a shape. */
  readonly wantsShape: boolean;
}

/** The result of a fit, with the evidence of the points. */
export interface Fitted {
  readonly box: Box;
  /** The expected 3D IoU, 0..1. */
  readonly score: number;
  /** Points in the box without those at its floor. */
  readonly inside: number;
  readonly registration: Registration | null;
}

/** The evidence of the points for the first start itself. */
export interface StartEvidence {
  readonly inside: number;
  /** null: not asked for, or too few partners. */
  readonly registration: Registration | null;
  /** Fraction of the surroundings of the box that an object in front hides, 0..1. */
  readonly hidden: number;
  /** Fraction of them that rays passed through, 0..1. */
  readonly free: number;
}

export interface FitReply {
  /** One for each start, in order; null if there are too few points, or none was needed. */
  readonly fits: readonly (Fitted | null)[];
  readonly start: StartEvidence;
  readonly shape: Shape | null;
}

/** Cost of reading a frame. */
export interface FrameCost {
  readonly nodes: number;
  readonly bytes: number;
  readonly memory: number;
  readonly disk: number;
  readonly origin: number;
}

export interface FrameAnswer {
  /** One for each request, in order. */
  readonly replies: readonly FitReply[];
  /** The version of the frame's cloud. Evidence of one version does not hold for another. */
  readonly version: string;
  /** Place of the scanner in the frame's coordinates; null: unknown. */
  readonly sensor: Vec3 | null;
  /** Bounds of the frame's points; null: unknown. */
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
   * Fits all objects of a frame.
   * @throws NearboxError if the frame cannot be read or fitted, or the signal's reason
   */
  ask(frame: number, asks: readonly FitAsk[], signal: AbortSignal): Promise<FrameAnswer>;
  /** Starts reading what an `ask` around these places will need. Never throws; a failure appears in `ask`. */
  readAhead(frame: number, around: readonly Box[], signal: AbortSignal): void;
}
