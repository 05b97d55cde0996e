/** Input and output of a fit, in the crop's coordinates: metres from `Crop.origin`, +z up. */
import type { Box, Vec3 } from '../boxes/index.ts';
import type { ObjectClass } from '../classes/index.ts';
import type { Profile } from '../profiles/index.ts';

/**
 * The points around a hint. `origin` is float64; the small differences to it are exact to well under a
 * millimetre in float32.
 */
export interface Crop {
  /** Origin of the crop's coordinates, in the cloud's coordinates. */
  readonly origin: Vec3;
  /** x, y, z of each point minus `origin`, interleaved: 3 * count values. */
  readonly positions: Float32Array;
  readonly count: number;
}

/** What the annotator says about the object's place. */
export type Hint =
  | { readonly type: 'click'; readonly position: Vec3; readonly also: readonly SideClick[] }
  | { readonly type: 'sphere'; readonly center: Vec3; readonly radius: number }
  | { readonly type: 'box'; readonly box: Box }
  | LassoHint;

/** A lasso: a point of its object, and a box that fills its outline (null for a lasso on the screen). */
export interface LassoHint {
  readonly type: 'lasso';
  readonly click: Vec3;
  readonly outline: Box | null;
}

/** A further click: on the object (`inside`) or beside it. */
export interface SideClick {
  readonly position: Vec3;
  readonly inside: boolean;
}

/** Parts of a drawn box that an annotator has placed. */
export const KEPT_PARTS = ['front', 'rear', 'left', 'right', 'top', 'bottom', 'yaw'] as const;

export type KeptPart = (typeof KEPT_PARTS)[number];

/** Input of a fit. */
export interface FitRequest {
  readonly crop: Crop;
  readonly hint: Hint;
  /** The class, if the annotator already chose it. */
  readonly class: ObjectClass | null;
  /** A size to keep, if the annotator fixed it: length, width, height in metres. */
  readonly size: Vec3 | null;
  /** Place of the scanner; null if unknown. Only x and y are reliable. */
  readonly sensor: Vec3 | null;
  /** Parts of the hint's box that stay where they are. Default: none. Needs a hint of type `box`. */
  readonly keep?: readonly KeptPart[];
  /** Boxes where the object may be, foreseen from other frames; each has the size to keep. Default: none. */
  readonly expected?: readonly Box[];
  /** Boxes already drawn: their points belong to other objects. */
  readonly others: readonly Box[];
  /** How many runners-up are wanted. Default: 0. */
  readonly alternatives?: number;
  /** The project's label profile and that of the training labels. Default: no adaptation. */
  readonly profile?: ProfilePair | null;
}

export interface ProfilePair {
  readonly own: Profile['classes'];
  readonly trainingProfile: Profile['classes'];
}

/** A runner-up. */
export interface Alternative {
  readonly box: Box;
  readonly class: ObjectClass;
  readonly score: number;
}

/** Output of a fit. */
export interface FitAnswer extends Alternative {
  /** The expected 3D IoU with the true box, 0..1. */
  readonly score: number;
  /** The score before calibration; undefined for the geometric fit. */
  readonly rawScore?: number;
  /**
   * Number of points near the hint (`countNearbyPoints`), which the calibration uses; undefined for the
   * geometric fit.
   */
  readonly nearPoints?: number;
  /** Height of the ground at the box's centre, or null if no ground was found. */
  readonly ground: number | null;
  /** Runners-up, best first; at most as many as wanted. */
  readonly alternatives?: readonly Alternative[];
}
