/** The server's requests and answers, as far as the page narrows what `app/api` describes. */

import type { Pose, Vec2, Vec3 } from '../../../inference/boxes/index.ts';
import type { Bounds } from '../../../octree/geometry/index.ts';
import type {
  FeedbackItem,
  PredictionAnswer,
  PredictionRequest,
  ProfileAnswer,
  ProfileRequest,
  TrackLineBody,
  TrackRequestBody,
} from '../../api/index.ts';

/** The page changes no question and no answer in place. */
type Frozen<T> = { readonly [Field in keyof T]: Frozen<T[Field]> };

export type PageQuestion = Frozen<PredictionRequest>;
export type PageAnswer = Frozen<PredictionAnswer>;
export type ProfileAsk = Frozen<ProfileRequest>;
export type ProfileOf = Frozen<ProfileAnswer>;
export type FeedbackNote = Frozen<FeedbackItem>;
export type TrackAsk = Frozen<TrackRequestBody>;
export type TrackAnswerLine = Frozen<TrackLineBody>;

export type WireRegion =
  | {
      readonly type: 'click';
      readonly position: Vec3;
      readonly also?: readonly { position: Vec3; inside: boolean }[];
    }
  | { readonly type: 'box'; readonly center: Vec3; readonly size: Vec3; readonly yaw: number }
  | { readonly type: 'polygon'; readonly ring: readonly Vec2[]; readonly z?: Vec2 }
  | { readonly type: 'frustum'; readonly viewProjection: readonly number[]; readonly ring: readonly Vec2[] };

/** When and where a frame was taken: seconds, and the pose that takes it to the common world. */
export interface FramePlace {
  readonly timestamp: number | null;
  readonly pose: Pose | null;
}

export interface CloudSummary {
  readonly id: string;
  readonly version: string;
  readonly bounds: Bounds;
  readonly cube: Bounds;
  readonly points: number;
  readonly spacing: number;
  /** False if no point has a colour. */
  readonly hasColour: boolean;
  readonly sensor: Vec3 | null;
}

/** The labels of a cloud, as `/v1/labels/{cloud}` has them. Unknown fields are kept. */
export interface PageLabels {
  readonly version: 1;
  readonly cloud: { readonly id: string; readonly version: string | null };
  readonly state: 'open' | 'done';
  readonly boxes: readonly LabelsBox[];
  readonly [field: string]: unknown;
}

export interface LabelsBox {
  readonly id: string;
  readonly [field: string]: unknown;
}

/** An entry of `GET /v1/labels`. */
export interface LabelsEntry {
  readonly id: string;
  readonly etag: string;
  readonly state: 'open' | 'done';
  readonly counts: Readonly<Record<string, number>>;
  /** The version of the cloud that the labels were made for; null if they do not say. */
  readonly version: string | null;
}

/** A problem document, or a failed connection (`code` is then `unreachable`). */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  /** Seconds to wait before another attempt, if the server says so. */
  readonly retryAfterSeconds: number | null;

  constructor(code: string, status: number, message: string, retryAfterSeconds: number | null = null) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
