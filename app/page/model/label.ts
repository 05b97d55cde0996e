/** The boxes of a frame and the work as a whole: plain data, never changed in place. */
import type { Box } from '../../../inference/boxes/index.ts';
import type { ObjectClass } from '../../../inference/classes/index.ts';
import type { TrackPlace } from './track-place.ts';

/**
 * Where a box came from: the server's network or geometric fit, the fit in this page, a hand, another frame,
 * a track, a file.
 */
export type LabelMethod = 'model' | 'geometric' | 'local' | 'drawn' | 'copied' | 'tracked' | 'imported';

/**
 * Turns after the yaw, radians: pitch about the box's left, positive lowers the front; roll about its length.
 */
export interface Tilt {
  readonly pitch: number;
  readonly roll: number;
}

export interface Label {
  /** The object's id: the same in every frame that shows it, distinct within a frame. */
  readonly id: string;
  readonly box: Box;
  /** Pitch and roll, where the project has them; the box itself is upright. */
  readonly tilt?: Tilt | undefined;
  readonly class: ObjectClass;
  /** The project's own class of the object, where it has one; `class` is what that is like. */
  readonly ownClass?: string | undefined;
  /** Values of the project's own attributes, by name. Those that the ontology does not have are kept. */
  readonly attributes?: Readonly<Record<string, unknown>> | undefined;
  readonly state: 'draft' | 'accepted';
  readonly method: LabelMethod;
  /**
   * Expected 3D IoU as the fit gave it, 0..1; null where there was no fit. It says nothing of a box that was
   * edited.
   */
  readonly score: number | null;
  /** What the annotator should know about this box; null if nothing. */
  readonly note: string | null;
  /** True once a person has changed the fitted box. */
  readonly edited: boolean;
  /** The server's answer that the box began with: feedback refers to it. */
  readonly prediction: PredictionRef | null;
  /** The box's part in the track of its object; a box that stands alone has none. */
  readonly track?: TrackPlace | undefined;
  /** The id of the box that this one is another version of: two people changed one box at the same time. */
  readonly conflictsWith?: string | undefined;
  /**
   * Fields of the labels document or of the imported file that the page does not use. They are kept as they
   * are.
   */
  readonly kept?: Readonly<Record<string, unknown>> | undefined;
}

/** What the server answered. */
interface PredictionRef {
  readonly id: string;
  readonly box: Box;
  readonly model?: string | undefined;
}

/** The labels of one frame. */
export interface FrameLabels {
  readonly labels: readonly Label[];
  /** True once the annotator has said that the frame is done. */
  readonly isDone: boolean;
  /** The version of the cloud that the boxes were made for; null if unknown. */
  readonly cloudVersion: string | null;
  /** Objects of tracks that have no box here, by id, and why: `absent`, or what the track says. */
  readonly missing: Readonly<Record<string, string>>;
  /** Fields of the labels document that the page does not use. They are kept as they are. */
  readonly kept: Readonly<Record<string, unknown>>;
}

/** The labels of all frames, by cloud id, and the number that the next new object gets. */
export interface Work {
  readonly frames: Readonly<Record<string, FrameLabels>>;
  readonly nextId: number;
}

export const NO_LABELS: FrameLabels = {
  labels: [],
  isDone: false,
  cloudVersion: null,
  missing: {},
  kept: {},
};
export const EMPTY_WORK: Work = { frames: {}, nextId: 1 };

/** Scores below this are unsure: such boxes look different, and a drawn box is not replaced by them. */
export const UNSURE_SCORE = 0.5;

/** The class as the annotator sees it. */
export function className({ ownClass, ...label }: Pick<Label, 'class' | 'ownClass'>): string {
  return ownClass ?? label.class;
}

export function isUnsure({ score, edited, state }: Label): boolean {
  return score !== null && score < UNSURE_SCORE && !edited && state !== 'accepted';
}

/**
 * The score of the box as it is now: null where there was no fit, or where a person has changed the box
 * since.
 */
export function currentScore({ score, edited }: Pick<Label, 'score' | 'edited'>): number | null {
  return edited ? null : score;
}

export function frameOf(work: Work, frame: string): FrameLabels {
  return work.frames[frame] ?? NO_LABELS;
}

export function labelsOf(work: Work, frame: string): readonly Label[] {
  return frameOf(work, frame).labels;
}

export function findLabel(work: Work, frame: string, id: string | null): Label | undefined {
  return id === null ? undefined : labelsOf(work, frame).find((label) => label.id === id);
}
