/** Changes of an object in all of its frames, and of boxes from frame to frame. */
import type { AttributeValue } from '../../ontology/index.ts';
import {
  changeObject,
  copyLabels,
  findLabel,
  type Label,
  labelsOf,
  sameJson,
  shortId,
  updateLabel,
  type Work,
  withFrame,
} from '../model/index.ts';
import type { classNamed } from '../ontology/index.ts';

type Kind = NonNullable<ReturnType<typeof classNamed>>;

/** The work after a change, and in how many frames the object was changed. */
interface ObjectChange {
  readonly work: Work;
  readonly count: number;
}

/** The class of an object in all of `frames`. */
export function withObjectClass(work: Work, frames: readonly string[], id: string, kind: Kind): ObjectChange {
  // An accepted box of another class is not the one that was accepted, and its score was of that one.
  return changeObject(work, frames, id, (label) => ({
    class: kind.like,
    ownClass: kind.ownClass,
    edited: label.edited || (label.state === 'accepted' && !isOfKind(label, kind)),
  }));
}

function isOfKind(label: Label, { like, ownClass }: Kind): boolean {
  return label.class === like && label.ownClass === ownClass;
}

/** An attribute of an object in all of `frames`; null takes it away. */
export function withAttribute(
  work: Work,
  frames: readonly string[],
  id: string,
  name: string,
  value: AttributeValue | null,
): ObjectChange {
  const holding = frames.filter((frame) => findLabel(work, frame, id) !== undefined);
  const changed = holding.reduce((result, frame) => {
    const { attributes: before = {}, state, edited } = findLabel(result, frame, id)!;
    const { [name]: _, ...others } = before;
    if (sameJson(before[name] ?? null, value)) return result;
    const attributes = value === null ? others : { ...others, [name]: value };
    return updateLabel(result, frame, id, { attributes, edited: edited || state === 'accepted' });
  }, work);
  return { work: changed, count: holding.length };
}

/** Copies boxes, as `source.labels` has them, into another frame, and says so. */
export function withCopies(
  work: Work,
  source: { readonly from: string; readonly labels: readonly Label[] },
  to: string,
  ids: readonly string[],
): { readonly work: Work; readonly ids: readonly string[]; readonly said: string } {
  const { from, labels } = source;
  const copied = copyLabels(withFrame(work, from, { labels }), from, to, ids);
  const said =
    copied.ids.length === 0
      ? 'Those objects have boxes in the next frame already.'
      : copied.ids.length === 1
        ? `Object ${shortId(copied.ids[0]!)} was copied.`
        : `${copied.ids.length} boxes were copied.`;
  return { work: withFrame(copied.work, from, { labels: labelsOf(work, from) }), ids: copied.ids, said };
}
