/** A box of the world as the boxes of one standing object in the frames of its sequence. */
import { type Box, inversePose, iou3d, transformBox } from '../../../inference/boxes/index.ts';
import type { Label } from '../model/index.ts';
import { addLabel, labelsOf, type PlaceStatus, type Work, withLabels } from '../model/index.ts';
import type { PosedFrame } from './merged-points.ts';

/** What all boxes of the object have in common. */
export type StandingObject = Pick<Label, 'class' | 'method' | 'score' | 'note' | 'prediction'>;

/** Boxes that overlap by more than this are about the same object. */
const SAME_OBJECT_IOU = 0.3;

/**
 * Boxes of one new object from the first frame that has points in it to the last one: a keyframe in `best`,
 * measured where there are points, interpolated in frames that were not looked at, hidden in the others. null
 * if no frame has points.
 * @param counts points in the box of each frame that was looked at
 */
export function withStandingObject(
  work: Work,
  frames: readonly PosedFrame[],
  {
    box,
    best,
    counts,
    object,
  }: {
    readonly box: Box;
    readonly best: string;
    readonly counts: ReadonlyMap<string, number>;
    readonly object: StandingObject;
  },
): { readonly work: Work; readonly id: string; readonly frames: number } | null {
  const seen = frames.flatMap(({ frame }, k) => ((counts.get(frame) ?? 0) > 0 || frame === best ? [k] : []));
  if (seen.length === 0) return null;
  const range = frames.slice(seen[0]!, seen.at(-1)! + 1);
  let result = work;
  let id: string | null = null;
  for (const { frame, pose } of range) {
    const count = counts.get(frame);
    const status: PlaceStatus =
      frame === best
        ? 'keyframe'
        : count === undefined
          ? 'interpolated'
          : count > 0
            ? 'measured'
            : 'occluded';
    const label: Omit<Label, 'id'> = {
      ...object,
      // The prediction, and its note, are of the frame that was asked about.
      ...(frame === best ? {} : { method: 'tracked', prediction: null, note: null }),
      box: transformBox(inversePose(pose), box),
      state: 'draft',
      edited: false,
      track: { status, isStatic: true, isStaticChosen: true },
    };
    if (id === null) ({ work: result, id } = addLabel(result, frame, label));
    else result = withLabels(result, frame, [...labelsOf(result, frame), { ...label, id }]);
  }
  return { work: result, id: id!, frames: range.length };
}

/** The object of a frame whose box lies where `box` (of the frame) does. */
export function objectThere(work: Work, frame: string, box: Box): string | null {
  return labelsOf(work, frame).find((label) => iou3d(label.box, box) > SAME_OBJECT_IOU)?.id ?? null;
}

interface ObjectInWorld {
  readonly label: Label;
  /** The first frame that has it: whose box this is. */
  readonly frame: string;
  readonly box: Box;
}

/** Standing objects of the sequence in the world, each once. */
export function standingObjects(work: Work, frames: readonly PosedFrame[]): ObjectInWorld[] {
  const found = new Map<string, ObjectInWorld>();
  for (const { frame, pose } of frames)
    for (const label of labelsOf(work, frame))
      if (label.track?.isStatic === true && !found.has(label.id))
        found.set(label.id, { label, frame, box: transformBox(pose, label.box) });
  return [...found.values()];
}
