/** A box that an annotator works on, and the work as a whole: plain data, never changed in place. */
import type { Box } from '../../../inference/boxes/index.ts';
import type { ObjectClass } from '../../../inference/classes/index.ts';

/** Where a box came from: the network or the geometric fit of the server, the fit in this page, a hand, another frame, a file. */
export type LabelMethod = 'model' | 'geometric' | 'local' | 'drawn' | 'copied' | 'imported';

export interface Label {
  /** The object's id: the same in every frame that shows it, distinct within a frame. */
  readonly id: string;
  readonly box: Box;
  readonly class: ObjectClass;
  readonly state: 'draft' | 'accepted';
  readonly method: LabelMethod;
  /** Expected 3D IoU as the fit gave it, 0..1; null where no fit spoke. */
  readonly score: number | null;
  /** Why another way than the usual one made the box; null if nothing was amiss. */
  readonly note: string | null;
  /** True once a person has changed the fitted box. */
  readonly edited: boolean;
  /** The server's answer that the box began with: what feedback will refer to. */
  readonly prediction: { readonly id: string; readonly box: Box } | null;
}

/** The labels of all frames, by cloud id, and the number that the next new object gets. */
export interface Work {
  readonly frames: Readonly<Record<string, readonly Label[]>>;
  readonly nextId: number;
}

export const EMPTY_WORK: Work = { frames: {}, nextId: 1 };

/** Scores below this are unsure: such boxes look different, and a drawn box is not replaced by them. */
export const UNSURE_SCORE = 0.5;

export function isUnsure({ score, edited, state }: Label): boolean {
  return score !== null && score < UNSURE_SCORE && !edited && state !== 'accepted';
}

export function labelsOf(work: Work, frame: string): readonly Label[] {
  return work.frames[frame] ?? [];
}

export function findLabel(work: Work, frame: string, id: string | null): Label | undefined {
  return id === null ? undefined : labelsOf(work, frame).find((label) => label.id === id);
}
