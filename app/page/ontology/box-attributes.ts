/** Which attributes a box has, and which of them are the same along its whole track. */
import { isOfClass, type Ontology, type OwnAttribute } from '../../ontology/index.ts';
import { className, findLabel, type Label, type Work } from '../model/index.ts';

/** The attributes of the ontology that a box of this class may have. */
export function attributesOf(ontology: Ontology | null, label: Label): readonly OwnAttribute[] {
  return (ontology?.attributes ?? []).filter((attribute) => isOfClass(attribute, className(label)));
}

/** True for an attribute that has a value of its own in each frame. */
export function isOfFrame({ per }: OwnAttribute): boolean {
  return per === 'frame';
}

/** What the boxes of an object have in common, beside nearbox's class of it. */
export type ObjectTraits = Pick<Label, 'ownClass' | 'attributes'>;

/** The traits of an object as its first box in these frames has them: no values of a single frame. */
export function objectTraits(
  ontology: Ontology | null,
  work: Work,
  frames: readonly string[],
  id: string,
): ObjectTraits {
  for (const frame of frames) {
    const label = findLabel(work, frame, id);
    if (label === undefined) continue;
    const attributes = objectAttributes(ontology, label);
    return {
      ...(label.ownClass === undefined ? {} : { ownClass: label.ownClass }),
      ...(attributes === undefined ? {} : { attributes }),
    };
  }
  return {};
}

function objectAttributes(ontology: Ontology | null, { attributes = {} }: Label): Label['attributes'] {
  const perFrame = new Set((ontology?.attributes ?? []).filter(isOfFrame).map(({ name }) => name));
  const kept = Object.entries(attributes).filter(([name]) => !perFrame.has(name));
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}
