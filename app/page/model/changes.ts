/**
 * What a step of the annotator changed, label by label: it can be taken back although other labels have
 * changed since.
 */

import { sameJson } from './json.ts';
import { findLabel, frameOf, type Label, labelsOf, type Work } from './label.ts';
import { setDone, setKept, setMissing, withLabels } from './work.ts';

export type Change =
  | {
      readonly kind: 'label';
      readonly frame: string;
      readonly id: string;
      /** Where the label is, or was, in the frame's list. */
      readonly index: number;
      readonly before: Label | null;
      readonly after: Label | null;
    }
  | { readonly kind: 'done'; readonly frame: string; readonly before: boolean; readonly after: boolean }
  | {
      readonly kind: 'missing';
      readonly frame: string;
      readonly id: string;
      readonly before: string | null;
      readonly after: string | null;
    }
  | {
      /** A field of the frame that the page does not use: it came with an import. */
      readonly kind: 'kept';
      readonly frame: string;
      /** The field's name. */
      readonly id: string;
      /** null: there is no such field. */
      readonly before: unknown;
      readonly after: unknown;
    };

export function changesBetween(before: Work, after: Work): Change[] {
  const frames = new Set([...Object.keys(before.frames), ...Object.keys(after.frames)]);
  return [...frames].flatMap((frame) =>
    before.frames[frame] === after.frames[frame] ? [] : changesOfFrame(frame, before, after),
  );
}

function changesOfFrame(frame: string, before: Work, after: Work): Change[] {
  const changes: Change[] = [];
  const [old, now] = [labelsOf(before, frame), labelsOf(after, frame)];
  const byId = new Map(now.map((label) => [label.id, label]));
  const known = new Set(old.map(({ id }) => id));
  for (const [index, label] of old.entries()) {
    const changed = byId.get(label.id) ?? null;
    if (changed !== label)
      changes.push({ kind: 'label', frame, id: label.id, index, before: label, after: changed });
  }
  for (const [index, label] of now.entries())
    if (!known.has(label.id))
      changes.push({ kind: 'label', frame, id: label.id, index, before: null, after: label });
  const [wasDone, isDone] = [frameOf(before, frame).isDone, frameOf(after, frame).isDone];
  if (wasDone !== isDone) changes.push({ kind: 'done', frame, before: wasDone, after: isDone });
  const [missed, misses] = [frameOf(before, frame).missing, frameOf(after, frame).missing];
  if (missed !== misses)
    for (const id of new Set([...Object.keys(missed), ...Object.keys(misses)]))
      if (missed[id] !== misses[id])
        changes.push({ kind: 'missing', frame, id, before: missed[id] ?? null, after: misses[id] ?? null });
  const [had, has] = [frameOf(before, frame).kept, frameOf(after, frame).kept];
  if (had !== has)
    for (const id of new Set([...Object.keys(had), ...Object.keys(has)]))
      if (had[id] !== has[id])
        changes.push({ kind: 'kept', frame, id, before: had[id] ?? null, after: has[id] ?? null });
  return changes;
}

/** Two runs of changes as one: what was before the first, and what is after the second. */
export function joinedChanges(first: readonly Change[], second: readonly Change[]): Change[] {
  const joined = new Map(first.map((change) => [keyOf(change), change]));
  for (const change of second) {
    const earlier = joined.get(keyOf(change));
    joined.set(
      keyOf(change),
      earlier === undefined ? change : ({ ...earlier, after: change.after } as Change),
    );
  }
  return [...joined.values()];
}

function keyOf(change: Change): string {
  return change.kind === 'done' ? change.frame : `${change.kind}\n${change.frame}\n${change.id}`;
}

/**
 * Takes changes back (`to` is `before`) or makes them again (`after`). What somebody else has changed since
 * is left as it is, and counted.
 */
export function withChanges(
  work: Work,
  changes: readonly Change[],
  to: 'before' | 'after',
): { readonly work: Work; readonly skipped: number } {
  const from = to === 'before' ? 'after' : 'before';
  let result = work;
  let skipped = 0;
  // Back to front, so that every index is that of the moment when the change was made.
  for (const change of to === 'before' ? [...changes].reverse() : changes) {
    if (!sameJson(now(result, change), change[from])) {
      skipped += 1;
      continue;
    }
    if (change.kind === 'done') result = setDone(result, change.frame, change[to]);
    else if (change.kind === 'missing') result = setMissing(result, change.frame, change.id, change[to]);
    else if (change.kind === 'kept') result = setKept(result, change.frame, change.id, change[to]);
    else result = withOne(result, change, change[to]);
  }
  return { work: result, skipped };
}

/** What a change is about, as it is now. */
function now(work: Work, change: Change): unknown {
  if (change.kind === 'done') return frameOf(work, change.frame).isDone;
  if (change.kind === 'missing') return frameOf(work, change.frame).missing[change.id] ?? null;
  if (change.kind === 'kept') return frameOf(work, change.frame).kept[change.id] ?? null;
  return findLabel(work, change.frame, change.id) ?? null;
}

function withOne(
  work: Work,
  { frame, id, index }: Extract<Change, { kind: 'label' }>,
  label: Label | null,
): Work {
  const labels = labelsOf(work, frame);
  const at = labels.findIndex((other) => other.id === id);
  if (label === null) return withLabels(work, frame, labels.toSpliced(at, 1));
  return withLabels(work, frame, labels.toSpliced(at === -1 ? index : at, at === -1 ? 0 : 1, label));
}
