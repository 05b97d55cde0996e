/** What goes into a fit and what comes out of it. Everything here is in the crop's coordinates: metres from `Crop.origin`, +z up. */
import type { Box, Vec3 } from '../boxes/index.ts';
import type { ObjectClass } from '../classes/index.ts';
import type { Profile } from '../profiles/index.ts';

/** The points around a hint. `origin` stays float64; what is stored is small enough for float32 to be exact to well under a millimetre. */
export interface Crop {
  /** Where the crop's coordinates begin, in the cloud's coordinates. */
  readonly origin: Vec3;
  /** x, y, z of each point minus `origin`, interleaved: 3 * count values. */
  readonly positions: Float32Array;
  readonly count: number;
}

/** Where the object is, as the annotator said it. */
export type Hint =
  | { readonly type: 'click'; readonly position: Vec3; readonly also: readonly SideClick[] }
  | { readonly type: 'sphere'; readonly center: Vec3; readonly radius: number }
  | { readonly type: 'box'; readonly box: Box }
  | LassoHint;

/** A lasso, as far as it is understood: a point of its object, and a box that fills its outline where there is one in the cloud. */
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

/** One question to a fit. */
export interface FitRequest {
  readonly crop: Crop;
  readonly hint: Hint;
  /** The class, if the annotator already chose it. */
  readonly class: ObjectClass | null;
  /** A size to keep, if the annotator fixed it: length, width, height in metres. */
  readonly size: Vec3 | null;
  /** Where the scanner stood, or null if unknown. Its z may be unreliable; x and y are what count. */
  readonly sensor: Vec3 | null;
  /** Parts of the hint's box that stay where they are. Default: none. Needs a hint of type `box`. */
  readonly keep?: readonly KeptPart[];
  /** Where the object may be, as its boxes in other frames tell; each of the size to keep. Default: nobody knows. */
  readonly expected?: readonly Box[];
  /** Boxes already drawn: their points belong to other objects. */
  readonly others: readonly Box[];
  /** How many runners-up are wanted. Default: 0. */
  readonly alternatives?: number;
  /** How the project draws, and how the simulator did that taught the network. Default: as the network does. */
  readonly profile?: ProfilePair | null;
}

export interface ProfilePair {
  readonly own: Profile['classes'];
  readonly trainingProfile: Profile['classes'];
}

/** A box that the object may have instead. */
export interface Alternative {
  readonly box: Box;
  readonly class: ObjectClass;
  readonly score: number;
}

/** One answer of a fit. */
export interface FitAnswer extends Alternative {
  /** The expected 3D IoU with the true box, 0..1. */
  readonly score: number;
  /** The score before it was calibrated; undefined where there is nothing to calibrate. */
  readonly rawScore?: number;
  /** How many points there are where the hint points (`countNearbyPoints`), by which the score was calibrated too; undefined as before. */
  readonly nearPoints?: number;
  /** Height of the ground at the box's centre, or null if no ground was found. */
  readonly ground: number | null;
  /** Runners-up, best first; as many as were asked for, or as there are. */
  readonly alternatives?: readonly Alternative[];
}
