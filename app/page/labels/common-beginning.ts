/** Writes that had no answer: the storage may have them, and then they are no change of anybody else. */
import type { LabelsBox, PageLabels } from '../api/index.ts';
import { sameJson } from '../model/index.ts';

/**
 * What the storage's labels and this browser's have in common. A server that is killed, or whose answer is
 * lost, may have written what was sent to it: box by box and field by field, what is there as it was sent was
 * no change of somebody else.
 * @param base what both began with, as far as answers say; null if there was nothing
 * @param sent what was sent since and had no answer
 */
export function commonBeginning(
  base: PageLabels | null,
  sent: readonly PageLabels[],
  theirs: PageLabels,
): PageLabels | null {
  if (sent.length === 0) return base;
  const known = boxesById(base);
  const there = boxesById(theirs);
  const sentBoxes = sent.map(boxesById);
  const boxes: LabelsBox[] = [];
  for (const id of new Set([...known.keys(), ...there.keys()])) {
    const their = there.get(id);
    const isOurs = sentBoxes.some((one) => sameJson(one.get(id), their));
    const box = isOurs ? their : known.get(id);
    if (box !== undefined) boxes.push(box);
  }
  const fields: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(base ?? {}), ...Object.keys(theirs)]))
    fields[name] = sent.some((one) => sameJson(one[name], theirs[name])) ? theirs[name] : base?.[name];
  return { ...(fields as unknown as PageLabels), boxes };
}

function boxesById(document: PageLabels | null): ReadonlyMap<string, LabelsBox> {
  return new Map(document?.boxes.map((box) => [box.id, box]));
}
