/** What can be done to the work: each returns a new one. */
import type { Box } from '../../../inference/boxes/index.ts';
import { type Label, labelsOf, type Work } from './label.ts';

/** A label that has no id yet gets the next one. */
export function addLabel(work: Work, frame: string, label: Omit<Label, 'id'>): { work: Work; id: string } {
  const id = String(work.nextId);
  const added: Label = { ...label, id };
  return {
    work: withLabels({ ...work, nextId: work.nextId + 1 }, frame, [...labelsOf(work, frame), added]),
    id,
  };
}

export function updateLabel(work: Work, frame: string, id: string, change: Partial<Omit<Label, 'id'>>): Work {
  const labels = labelsOf(work, frame).map((label) => (label.id === id ? { ...label, ...change } : label));
  return withLabels(work, frame, labels);
}

/** A person changed the box. What was accepted stays accepted. */
export function editBox(work: Work, frame: string, id: string, box: Box): Work {
  return updateLabel(work, frame, id, { box, edited: true });
}

export function removeLabel(work: Work, frame: string, id: string): Work {
  return withLabels(
    work,
    frame,
    labelsOf(work, frame).filter((label) => label.id !== id),
  );
}

/** Copies labels to another frame under their ids; objects that are there already stay as they are. Returns the ids that came over. */
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
      }),
    );
  return {
    work: copies.length === 0 ? work : withLabels(work, to, [...labelsOf(work, to), ...copies]),
    ids: copies.map((label) => label.id),
  };
}

/** Puts whole frames in; other frames stay. `nextId` moves past every number that is now taken. */
export function replaceFrames(work: Work, frames: Readonly<Record<string, readonly Label[]>>): Work {
  const all = { ...work.frames, ...frames };
  return { frames: all, nextId: Math.max(work.nextId, highestId(all) + 1) };
}

/** The highest id that is a whole number, or 0. */
export function highestId(frames: Readonly<Record<string, readonly Label[]>>): number {
  let highest = 0;
  for (const labels of Object.values(frames))
    for (const { id } of labels) if (/^\d{1,15}$/.test(id)) highest = Math.max(highest, Number(id));
  return highest;
}

/** The id after `id` in the frame's order (before it with step -1), around the end. */
export function neighbourId(work: Work, frame: string, id: string | null, step: 1 | -1): string | null {
  const labels = labelsOf(work, frame);
  if (labels.length === 0) return null;
  const at = labels.findIndex((label) => label.id === id);
  const next = at === -1 ? (step === 1 ? 0 : labels.length - 1) : (at + step + labels.length) % labels.length;
  return labels[next]!.id;
}

function withLabels(work: Work, frame: string, labels: readonly Label[]): Work {
  return { ...work, frames: { ...work.frames, [frame]: labels } };
}
