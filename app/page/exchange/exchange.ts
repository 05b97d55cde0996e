/** Labels as files have them, and the way between them and the page's own. */
import type { Box } from '../../../inference/boxes/index.ts';
import type { ObjectClass } from '../../../inference/classes/index.ts';
import { currentScore, type Label, type LabelMethod, type Tilt } from '../model/index.ts';

/** What a file or a labels document says beside what the page knows; `formats/` fills it. */
export type Kept = Readonly<Record<string, unknown>>;

/** A box as a file has it; what a format cannot say is null. */
export interface ExchangeLabel {
  readonly id: string | null;
  readonly box: Box;
  /** Pitch and roll; undefined: upright. */
  readonly tilt?: Tilt | undefined;
  readonly class: ObjectClass;
  /** The project's own class; see `Label`. */
  readonly ownClass?: string | undefined;
  readonly attributes?: Readonly<Record<string, unknown>> | undefined;
  readonly score: number | null;
  readonly state: 'draft' | 'accepted';
  readonly method: LabelMethod;
  /** What the file says beside, and the labels document; see `Kept`. */
  readonly kept?: Kept | undefined;
}

export interface ExchangeFrame {
  /** The cloud's id. */
  readonly frame: string;
  readonly labels: readonly ExchangeLabel[];
  readonly kept?: Kept | undefined;
}

/**
 * Labels for the page. Those without an id, and those whose id is taken in their frame, get numbers after all
 * that are used; `repeated` has the ids that were taken. A frame that is there twice has the boxes of both.
 * @param nextId the first number that is free in the page
 */
export function toLabels(
  frames: readonly ExchangeFrame[],
  nextId: number,
): { readonly labels: Record<string, Label[]>; readonly repeated: readonly string[] } {
  let next = nextId;
  for (const { labels } of frames)
    for (const { id } of labels)
      if (id !== null && /^\d{1,15}$/.test(id)) next = Math.max(next, Number(id) + 1);
  const result: Record<string, Label[]> = {};
  const repeated = new Set<string>();
  for (const { frame, labels } of frames) {
    const first = result[frame] ?? [];
    const used = new Set(first.map(({ id }) => id));
    const more = labels.map((label): Label => {
      if (label.id !== null && used.has(label.id)) repeated.add(label.id);
      const id = label.id !== null && !used.has(label.id) ? label.id : String(next++);
      used.add(id);
      return { ...label, id, note: null, edited: false, prediction: null };
    });
    result[frame] = [...first, ...more];
  }
  return { labels: result, repeated: [...repeated] };
}

export function toExchange(label: Label): ExchangeLabel {
  const { id, box, tilt, ownClass, attributes, state, method, kept } = label;
  const score = currentScore(label);
  return {
    id,
    box,
    ...(tilt === undefined ? {} : { tilt }),
    class: label.class,
    ...(ownClass === undefined ? {} : { ownClass }),
    ...(attributes === undefined ? {} : { attributes }),
    score,
    state,
    method,
    ...(kept === undefined ? {} : { kept }),
  };
}
