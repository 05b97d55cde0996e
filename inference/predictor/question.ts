/** What a predictor is asked, in the cloud's coordinates. */
import type { ReadStage, Region } from '../../octree/index.ts';
import type { Box, Pose, Vec3 } from '../boxes/index.ts';
import type { ObjectClass } from '../classes/index.ts';
import type { KeptPart, SideClick } from '../fit/index.ts';
import type { ProfileFile } from '../profiles/index.ts';

/** A region as a request says it, with a click's further clicks. */
export type HintRegion =
  | Exclude<Region, { readonly type: 'click' }>
  | { readonly type: 'click'; readonly position: Vec3; readonly also?: readonly SideClick[] | undefined };

/** The object's box in another frame. */
export interface PreviousBox {
  readonly cloud: string;
  /** Takes that cloud's coordinates to the world that all frames share. */
  readonly pose?: Pose | undefined;
  /** Seconds. */
  readonly timestamp?: number | undefined;
  readonly box: Box;
  /** Whether a hand drew or accepted it. Default: true. */
  readonly confirmed?: boolean | undefined;
}

/** One question, in the cloud's coordinates. */
export interface Question {
  readonly cloud: string;
  readonly region: HintRegion;
  readonly class: ObjectClass | null;
  readonly size: Vec3 | null;
  /** Where the scanner stood; null: unknown; undefined: look at the cloud. */
  readonly sensor: Vec3 | null | undefined;
  /** A label profile: the name of one that the predictor has, or the profile itself. */
  readonly profile: string | ProfileFile | null;
  /** Parts of a box region that stay where they are. */
  readonly keep: readonly KeptPart[];
  /** The object's boxes in other frames. */
  readonly previous: readonly PreviousBox[];
  /** Of this cloud's frame, beside `previous`; null: what the cloud's metadata says. */
  readonly pose: Pose | null;
  readonly timestamp: number | null;
  /** Boxes already drawn. */
  readonly others: readonly Box[];
  readonly alternatives: number;
  /** A pinned model version, or null. */
  readonly model: string | null;
  /**
   * Who is to answer. `geometric` leaves the network out: the baseline of the accuracy tables. Default:
   * `model`.
   */
  readonly method?: 'model' | 'geometric';
  /** What to do if the network cannot answer in time: refuse, or fit geometrically. Default: `none`. */
  readonly fallback?: 'none' | 'geometric' | undefined;
  /**
   * Who asks: callers take turns in the queue of the network. Default: one caller for all who leave it out.
   */
  readonly caller?: string | undefined;
  readonly signal: AbortSignal;
  /** On the clock of performance.now(), milliseconds. */
  readonly deadline: number;
  /** Told of the stages that have ended, in their order; each begins where the one before it ended. */
  readonly onStage?: ((stage: PredictionStage) => void) | undefined;
}

/** A stage of a prediction, and how long it took, milliseconds. */
export interface PredictionStage {
  readonly stage: ReadStage['stage'] | 'crop' | 'queue' | 'infer';
  readonly ms: number;
}

/** A question that says no more than cloud, region and deadline. */
export const DEFAULT_QUESTION = {
  class: null,
  size: null,
  sensor: undefined,
  profile: null,
  keep: [],
  previous: [],
  pose: null,
  timestamp: null,
  others: [],
  alternatives: 0,
  model: null,
} as const satisfies Partial<Question>;
