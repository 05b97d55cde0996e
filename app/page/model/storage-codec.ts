/** The work as text for local storage. What cannot be read is refused as a whole, with the reason, and never half taken. */
import type { Box, Vec3 } from '../../../inference/boxes/index.ts';
import { OBJECT_CLASSES, type ObjectClass } from '../../../inference/classes/index.ts';
import type { Label, LabelMethod, Work } from './label.ts';
import { highestId } from './work.ts';

/** Everything that survives a reload. */
export interface Saved {
  readonly work: Work;
  readonly frame: string | null;
  readonly selected: string | null;
}

const FORMAT = 1;
const METHODS: readonly LabelMethod[] = ['model', 'geometric', 'local', 'drawn', 'copied', 'imported'];

export function encodeSaved(saved: Saved): string {
  return JSON.stringify({ nearbox: FORMAT, ...saved });
}

/** @throws Error that says what is wrong with the text. */
export function decodeSaved(text: string): Saved {
  const value = JSON.parse(text) as unknown;
  if (!isRecord(value) || value.nearbox !== FORMAT) throw new Error('not saved by this version of the page');
  const work = value.work;
  if (!isRecord(work) || !isRecord(work.frames)) throw new Error('the work is missing');
  const frames = Object.fromEntries(
    Object.entries(work.frames).map(([frame, labels]) => {
      if (!Array.isArray(labels)) throw new Error(`frame ${frame} has no list of boxes`);
      return [frame, labels.map((label) => readLabel(label, frame))];
    }),
  );
  const counted = highestId(frames) + 1;
  const nextId = Number.isSafeInteger(work.nextId) ? Math.max(Number(work.nextId), counted) : counted;
  return { work: { frames, nextId }, frame: textOrNull(value.frame), selected: textOrNull(value.selected) };
}

function readLabel(value: unknown, frame: string): Label {
  const wrong = (what: string) => new Error(`a box of frame ${frame} has a wrong ${what}`);
  if (!isRecord(value) || typeof value.id !== 'string') throw wrong('id');
  const box = readBox(value.box);
  if (box === null) throw wrong('box');
  if (!OBJECT_CLASSES.includes(value.class as ObjectClass)) throw wrong('class');
  if (!METHODS.includes(value.method as LabelMethod)) throw wrong('method');
  const { prediction } = value;
  const answered = isRecord(prediction) ? readBox(prediction.box) : null;
  return {
    id: value.id,
    box,
    class: value.class as ObjectClass,
    state: value.state === 'accepted' ? 'accepted' : 'draft',
    method: value.method as LabelMethod,
    score: typeof value.score === 'number' ? value.score : null,
    note: textOrNull(value.note),
    edited: value.edited === true,
    prediction:
      isRecord(prediction) && answered !== null ? { id: String(prediction.id), box: answered } : null,
  };
}

/** A box from untrusted JSON, or null if it is none. */
export function readBox(value: unknown): Box | null {
  if (!isRecord(value)) return null;
  const { center, size, yaw } = value;
  if (!isVec3(center) || !isVec3(size) || !size.every((length) => length > 0)) return null;
  return typeof yaw === 'number' && Number.isFinite(yaw) ? { center, size, yaw } : null;
}

function isVec3(value: unknown): value is Vec3 {
  return Array.isArray(value) && value.length === 3 && value.every((part) => Number.isFinite(part));
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
