/** Reads what earlier versions of the page kept in local storage: the boxes of all frames in one text. */
import type { Box, Vec3 } from '../../../inference/boxes/index.ts';
import { OBJECT_CLASSES, type ObjectClass } from '../../../inference/classes/index.ts';
import { isRecord, textOrNull } from './json.ts';
import type { Label, LabelMethod, Tilt } from './label.ts';

const FORMAT_VERSION = 1;
export const METHODS: readonly LabelMethod[] = [
  'model',
  'geometric',
  'local',
  'drawn',
  'copied',
  'tracked',
  'imported',
];

/** The labels by frame. @throws Error that says what is wrong with the text. */
export function decodeSaved(text: string): Record<string, Label[]> {
  const value = JSON.parse(text) as unknown;
  if (!isRecord(value) || value.nearbox !== FORMAT_VERSION)
    throw new Error('not saved by this version of the page');
  const work = value.work;
  if (!isRecord(work) || !isRecord(work.frames)) throw new Error('the work is missing');
  return Object.fromEntries(
    Object.entries(work.frames).map(([frame, labels]) => {
      if (!Array.isArray(labels)) throw new Error(`frame ${frame} has no list of boxes`);
      return [frame, labels.map((label) => readLabel(label, frame))];
    }),
  );
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

/** A box as JSON has it: center, size and yaw, all finite; null if it is none. */
export function readBox(value: unknown): Box | null {
  if (!isRecord(value)) return null;
  const { center, size, yaw } = value;
  if (!isVec3(center) || !isVec3(size) || !size.every((length) => length > 0)) return null;
  return typeof yaw === 'number' && Number.isFinite(yaw) ? { center, size, yaw } : null;
}

/** Pitch and roll as JSON has them; undefined if there are none. */
export function readTilt(value: unknown): Tilt | undefined {
  if (!isRecord(value)) return undefined;
  const { pitch, roll } = value;
  const isTilt = [pitch, roll].every((angle) => typeof angle === 'number' && Number.isFinite(angle));
  return isTilt ? { pitch: pitch as number, roll: roll as number } : undefined;
}

function isVec3(value: unknown): value is Vec3 {
  return Array.isArray(value) && value.length === 3 && value.every((part) => Number.isFinite(part));
}
