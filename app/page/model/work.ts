/** Changes of the work: each function returns a new one. */
import type { Box } from '../../../inference/boxes/index.ts';
import { type FrameLabels, findLabel, frameOf, type Label, labelsOf, type Work } from './label.ts';

/** Adds a label under the next free number. */
export function addLabel(work: Work, frame: string, label: Omit<Label, 'id'>): { work: Work; id: string } {
  const number = freeNumber(work);
  const id = String(number);
  const added: Label = { ...label, id };
  return {
    work: withLabels({ ...work, nextId: number + 1 }, frame, [...labelsOf(work, frame), added]),
    id,
  };
}

export function updateLabel(work: Work, frame: string, id: string, change: Partial<Omit<Label, 'id'>>): Work {
  const labels = labelsOf(work, frame).map((label) => (label.id === id ? { ...label, ...change } : label));
  return withLabels(work, frame, labels);
}

/** A person changed the box. What was accepted stays accepted; in a track it is a keyframe from now on. */
export function editBox(work: Work, frame: string, id: string, box: Box): Work {
  const track = findLabel(work, frame, id)?.track;
  return updateLabel(work, frame, id, {
    box,
    edited: true,
    ...(track === undefined ? {} : { track: { ...track, status: 'keyframe' } }),
  });
}

export function removeLabel(work: Work, frame: string, id: string): Work {
  return withLabels(
    work,
    frame,
    labelsOf(work, frame).filter((label) => label.id !== id),
  );
}

/** Keeps one of two versions of an object: the other one goes, and the kept one has the object's id. */
export function resolveConflict(work: Work, frame: string, id: string): Work {
  const labels = labelsOf(work, frame);
  const kept = labels.find((label) => label.id === id);
  if (kept === undefined) return work;
  const own = kept.conflictsWith ?? id;
  const isRival = (label: Label) => label !== kept && (label.id === own || label.conflictsWith === own);
  const { conflictsWith: _, ...rest } = kept;
  return withLabels(
    work,
    frame,
    labels.flatMap((label) =>
      label === kept ? [{ ...rest, id: own, note: null }] : isRival(label) ? [] : [label],
    ),
  );
}

/** The labels of a frame that are versions of the same object as this one. */
export function rivalsOf(labels: readonly Label[], label: Label): readonly Label[] {
  const own = label.conflictsWith ?? label.id;
  return labels.filter(
    (other) =>
      other !== label &&
      (other.conflictsWith === own || (label.conflictsWith !== undefined && other.id === own)),
  );
}

/**
 * Copies labels to another frame under their ids. Objects that are there already stay as they are.
 * Returns the ids that were copied.
 */
export function copyLabels(
  work: Work,
  from: string,
  to: string,
  ids: readonly string[],
): { work: Work; ids: readonly string[] } {
  const there = new Set(labelsOf(work, to).map((label) => label.id));
  const copies = labelsOf(work, from)
    .filter((label) => ids.includes(label.id) && !there.has(label.id))
    .map(
      (label): Label => ({
        ...label,
        state: 'draft',
        method: 'copied',
        score: null,
        note: null,
        edited: false,
        prediction: null,
        track: undefined,
        conflictsWith: undefined,
      }),
    );
  return {
    work: copies.length === 0 ? work : withLabels(work, to, [...labelsOf(work, to), ...copies]),
    ids: copies.map((label) => label.id),
  };
}

/** Changes an object in every frame of a list that has it. Returns how many have. */
export function changeObject(
  work: Work,
  frames: readonly string[],
  id: string,
  change: (label: Label) => Partial<Omit<Label, 'id' | 'box'>>,
): { work: Work; count: number } {
  const holding = frames.filter((frame) => findLabel(work, frame, id) !== undefined);
  const changed = holding.reduce(
    (result, frame) => updateLabel(result, frame, id, change(findLabel(work, frame, id)!)),
    work,
  );
  return { work: changed, count: holding.length };
}

export function setDone(work: Work, frame: string, isDone: boolean): Work {
  return withFrame(work, frame, { isDone });
}

/** Says why an object has no box in a frame; null: nothing is known of it there. */
export function setMissing(work: Work, frame: string, id: string, why: string | null): Work {
  const { [id]: _, ...others } = frameOf(work, frame).missing;
  return withFrame(work, frame, { missing: why === null ? others : { ...others, [id]: why } });
}

/** Sets a field of a frame that the page does not use; null takes it out. */
export function setKept(work: Work, frame: string, name: string, value: unknown): Work {
  const { [name]: _, ...others } = frameOf(work, frame).kept;
  return withFrame(work, frame, { kept: value === null ? others : { ...others, [name]: value } });
}

/** Replaces whole frames; other frames stay. `nextId` moves past every number that is now taken. */
export function replaceFrames(work: Work, frames: Readonly<Record<string, FrameLabels>>): Work {
  const all = { ...work.frames, ...frames };
  return { frames: all, nextId: Math.max(work.nextId, highestId(all) + 1) };
}

/** Replaces the labels of one frame. */
export function withLabels(work: Work, frame: string, labels: readonly Label[]): Work {
  return withFrame(work, frame, { labels });
}

export function withFrame(work: Work, frame: string, change: Partial<FrameLabels>): Work {
  return { ...work, frames: { ...work.frames, [frame]: { ...frameOf(work, frame), ...change } } };
}

/** The highest id that is a whole number, or 0. */
function highestId(frames: Readonly<Record<string, FrameLabels>>): number {
  let highest = 0;
  for (const { labels } of Object.values(frames))
    for (const { id } of labels) if (/^\d{1,15}$/.test(id)) highest = Math.max(highest, Number(id));
  return highest;
}

/** `nextId`, or the next number after it that no object has. */
export function freeNumber({ frames, nextId }: Work): number {
  const taken = new Set(Object.values(frames).flatMap(({ labels }) => labels.map(({ id }) => id)));
  let number = nextId;
  while (taken.has(String(number))) number += 1;
  return number;
}

/** The id after `id` in the order of the labels (before it with step -1), around the end. */
export function neighbourId(labels: readonly Label[], id: string | null, step: 1 | -1): string | null {
  if (labels.length === 0) return null;
  const at = labels.findIndex((label) => label.id === id);
  const next = at === -1 ? (step === 1 ? 0 : labels.length - 1) : (at + step + labels.length) % labels.length;
  return labels[next]!.id;
}
