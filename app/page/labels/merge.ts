/**
 * Two people, or two tabs, changed the labels of one frame: a three-way merge that loses nothing of either.
 */

import type { LabelsBox, PageLabels } from '../api/index.ts';
import { isRecord, readBox, sameJson } from '../model/index.ts';
import { isEmptyDocument } from './document.ts';

export interface Merged {
  readonly document: PageLabels;
  /** Ids of boxes of which there are two versions now. */
  readonly conflicts: readonly string[];
}

const CONFLICT_NOTE = 'Somebody else changed this box at the same time. Keep one of the two versions.';
const OWN_FIELDS = ['boxes', 'cloud', 'version', 'missing'];

/**
 * Joins two documents that began as the same one.
 * - A box that only one side changed, added or deleted is as that side has it.
 * - A box that one side changed and the other deleted stays.
 * - Two new boxes of one id that are not about the same object are both kept; `mine` gets another id.
 * - A box that both sides changed differently is there twice: `theirs` under its id, `mine` under a new id
 *   that says so.
 * @param base what both began with; null if there was nothing
 */
export function mergeDocuments(base: PageLabels | null, mine: PageLabels, theirs: PageLabels): Merged {
  const [before, own, other] = [byId(base), byId(mine), byId(theirs)];
  const boxes: LabelsBox[] = [];
  const conflicts: string[] = [];
  const taken = new Set([...before.keys(), ...own.keys(), ...other.keys()]);
  const ids = new Set([...other.keys(), ...own.keys()]);
  for (const id of ids) {
    const [was, my, their] = [before.get(id), own.get(id), other.get(id)];
    if (my === undefined || their === undefined) {
      const left = my ?? their!;
      // Gone on one side: it stays only if the other side changed it, or has just made it.
      if (was === undefined || !sameJson(was, left)) boxes.push(left);
    } else if (sameJson(my, their) || sameJson(my, was)) boxes.push(their);
    else if (sameJson(their, was)) boxes.push(my);
    else if (was === undefined && !isSameObject(my, their))
      boxes.push(their, { ...my, id: freeNumber(taken) });
    else {
      boxes.push(their, { ...my, id: freeId(id, taken), conflictsWith: id, note: CONFLICT_NOTE });
      conflicts.push(id);
    }
  }
  return { document: { ...mergeFields(base, mine, theirs), boxes }, conflicts };
}

/**
 * Fields beside the boxes: what one side changed holds; if both did, `theirs`. A frame is done only if both
 * sides say so.
 */
function mergeFields(base: PageLabels | null, mine: PageLabels, theirs: PageLabels): PageLabels {
  const merged: Record<string, unknown> = { ...theirs };
  for (const name of Object.keys(mine))
    if (!OWN_FIELDS.includes(name) && sameJson(theirs[name], base?.[name])) merged[name] = mine[name];
  if (isRecord(mine.missing) || isRecord(theirs.missing))
    merged.missing = mergeEntries(base?.missing, mine.missing, theirs.missing);
  const was = base?.state ?? 'open';
  const isDone = mine.state === theirs.state ? mine.state : mine.state === was ? theirs.state : mine.state;
  return { ...(merged as unknown as PageLabels), cloud: mergeCloud(base, mine, theirs), state: isDone };
}

/**
 * The version of the cloud that the boxes of both were made for. Of no known one, where each side has made
 * boxes for another one: the page then warns of them.
 */
function mergeCloud(base: PageLabels | null, mine: PageLabels, theirs: PageLabels): PageLabels['cloud'] {
  if (sameJson(mine.cloud, theirs.cloud) || isEmptyDocument(mine)) return theirs.cloud;
  if (isEmptyDocument(theirs)) return mine.cloud;
  const was = byId(base);
  const isIdle = (side: PageLabels) => side.boxes.every((box) => sameJson(box, was.get(box.id)));
  if (isIdle(mine) && sameJson(mine.cloud, base?.cloud)) return theirs.cloud;
  // A version that a person has confirmed is the newer fact.
  if (isIdle(theirs) && sameJson(theirs.cloud, base?.cloud)) return mine.cloud;
  return { ...theirs.cloud, version: null };
}

/** Entry by entry: what one side changed, added or took out holds; if both did, `theirs`. */
function mergeEntries(base: unknown, mine: unknown, theirs: unknown): Record<string, unknown> {
  const [was, my, their] = [base, mine, theirs].map((side) => (isRecord(side) ? side : {})) as [
    Record<string, unknown>,
    Record<string, unknown>,
    Record<string, unknown>,
  ];
  const merged: Record<string, unknown> = {};
  for (const id of new Set([...Object.keys(their), ...Object.keys(my)])) {
    const value = sameJson(their[id], was[id]) ? my[id] : their[id];
    if (value !== undefined) merged[id] = value;
  }
  return merged;
}

function byId(document: PageLabels | null): Map<string, LabelsBox> {
  return new Map((document?.boxes ?? []).filter(isRecord).map((box) => [box.id, box]));
}

/** `7` becomes `7-b`, `7-c` and so on. */
function freeId(id: string, taken: Set<string>): string {
  for (let code = 'b'.charCodeAt(0); ; code++) {
    const candidate = `${id}-${code <= 122 ? String.fromCharCode(code) : code}`;
    if (taken.has(candidate)) continue;
    taken.add(candidate);
    return candidate;
  }
}

/** The first number after all ids that are numbers. */
function freeNumber(taken: Set<string>): string {
  const numbers = [...taken].filter((id) => /^\d{1,15}$/.test(id)).map(Number);
  const id = String(Math.max(0, ...numbers) + 1);
  taken.add(id);
  return id;
}

/** True if the middle of one box is about where the other one is. */
function isSameObject(a: LabelsBox, b: LabelsBox): boolean {
  const [first, second] = [readBox(a.box), readBox(b.box)];
  if (first === null || second === null) return true;
  const apart = Math.hypot(first.center[0] - second.center[0], first.center[1] - second.center[1]);
  return apart < Math.max(first.size[0], second.size[0]) / 2;
}
