/** What all formats have in common: frames with boxes, and the way between them and the page's labels. */
import type { Box } from '../../../inference/boxes/index.ts';
import { labelClass, OBJECT_CLASSES, type ObjectClass } from '../../../inference/classes/index.ts';
import type { Ontology } from '../../ontology/index.ts';
import { currentScore, type Label, type LabelMethod, type Tilt } from '../model/index.ts';
import { classNamed } from '../ontology/index.ts';
import type { Kept } from './imported.ts';

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
  /** What the file says beside, and the labels document; see `imported.ts`. */
  readonly kept?: Kept | undefined;
}

export interface ExchangeFrame {
  /** The cloud's id. */
  readonly frame: string;
  readonly labels: readonly ExchangeLabel[];
  readonly kept?: Kept | undefined;
}

export interface TextFile {
  /** With folders, if it came from or goes into an archive. */
  readonly name: string;
  readonly text: string;
}

/** A file as it is stored. */
export interface PackedFile {
  /** With folders, if it came from or goes into an archive. */
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export function packed(name: string, text: string): PackedFile {
  return { name, bytes: new TextEncoder().encode(text) };
}

/** What an importer may need to know of the page. */
export interface ImportContext {
  readonly currentFrame: string;
  /** All frames in their order. */
  readonly frames: readonly string[];
  /** The project's own classes and attributes. Default: none. */
  readonly ontology?: Ontology | null;
}

/**
 * The class that a file names: one of the project's own, else one of nearbox's that the name of a data set
 * stands for.
 */
export function classesFrom(
  name: unknown,
  { ontology = null }: ImportContext,
): Pick<ExchangeLabel, 'class' | 'ownClass'> {
  const own = ontology?.classes === undefined ? undefined : classNamed(ontology, String(name));
  if (own === undefined) return { class: classFrom(name) };
  return { class: own.like, ...(own.ownClass === undefined ? {} : { ownClass: own.ownClass }) };
}

/** A class name of any data set. Ours are taken as they are. */
export function classFrom(name: unknown): ObjectClass {
  const text = String(name ?? 'other');
  return OBJECT_CLASSES.includes(text as ObjectClass) ? (text as ObjectClass) : labelClass(text);
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

/** A number without the noise of float64 arithmetic: steps of a micrometre and a microradian. */
export function tidy(value: number): number {
  // Never -0.
  return Number(value.toFixed(6)) + 0;
}

/**
 * The frame that a file's name stands for: the id itself, or the only frame that ends like it. A frame that
 * is not here keeps the name that it has in the file.
 */
export function frameOfName(name: string, { frames }: ImportContext): string {
  const plain = name.replace(/\.[a-z]+$/i, '');
  if (frames.includes(plain)) return plain;
  for (const end of [plain, plain.split('/').at(-1)!]) {
    const alike = frames.filter((frame) => frame === end || frame.endsWith(`/${end}`));
    if (alike.length === 1) return alike[0]!;
  }
  return plain;
}

export function finiteNumbers(value: unknown, length: number): number[] | null {
  if (!Array.isArray(value) || value.length !== length) return null;
  return value.every((part) => typeof part === 'number' && Number.isFinite(part))
    ? (value as number[])
    : null;
}
