/** Puts the lines of a track into the work. What a hand has fixed is never replaced. */
import type { Box } from '../../../inference/boxes/index.ts';
import type { ObjectClass } from '../../../inference/classes/index.ts';
import type { TrackAnswerLine } from '../api/index.ts';
import {
  ABSENT,
  findLabel,
  frameOf,
  isByHand,
  isKeyframe,
  labelsOf,
  type PlaceStatus,
  setMissing,
  updateLabel,
  type Work,
  withLabels,
} from '../model/index.ts';
import type { ObjectTraits } from '../ontology/index.ts';

/** What the page does with a line: an object's box in a frame, or why it has none there. */
export interface TakenLine {
  readonly id: string;
  readonly frame: string;
  readonly class: ObjectClass;
  readonly isStatic: boolean;
  readonly isStaticChosen: boolean;
  readonly found:
    | { readonly box: Box; readonly score: number | null; readonly status: PlaceStatus }
    | { readonly lost: string };
}

/** Reasons that are about the object; others are about the frame, or about time. */
const ABOUT_OBJECT = ['no_points', 'occluded', 'jumped', 'left_range', 'absent'];

/** True for a line that says that a frame could not be answered for. */
export function isFailure(line: TrackAnswerLine): boolean {
  return 'lost' in line && !ABOUT_OBJECT.includes(line.lost);
}

/** @param traitsOf what the boxes of an object have in common, beside their class */
export function takeLines(
  work: Work,
  lines: readonly TakenLine[],
  traitsOf: (work: Work, id: string) => ObjectTraits = () => ({}),
): Work {
  return lines.reduce((sofar, line) => takeLine(sofar, line, traitsOf), work);
}

function takeLine(work: Work, line: TakenLine, traitsOf: (work: Work, id: string) => ObjectTraits): Work {
  const { id, frame, found } = line;
  const label = findLabel(work, frame, id);
  const { status: known, ...part } = {
    ...label?.track,
    status: label?.track?.status,
    isStatic: line.isStatic,
    isStaticChosen: line.isStaticChosen ? true : undefined,
  };
  if ('lost' in found) {
    if (label !== undefined && isKeyframe(label)) return work;
    const others = labelsOf(work, frame).filter((one) => one.id !== id);
    const without = label === undefined ? work : withLabels(work, frame, others);
    return frameOf(work, frame).missing[id] === ABSENT ? without : setMissing(without, frame, id, found.lost);
  }
  const { box, score, status } = found;
  if (label !== undefined && isKeyframe(label)) {
    if (status !== 'keyframe') return work;
    const track = { ...part, status: known ?? status };
    // A box of the network that nobody stands for goes with what the other frames say.
    const change = isByHand(label) || label.method === 'drawn' ? { track } : { track, box, score };
    return updateLabel(work, frame, id, change);
  }
  // An object that was said to be absent is not there.
  if (frameOf(work, frame).missing[id] === ABSENT) return work;
  const track = { ...part, status };
  const present = frameOf(work, frame).missing[id] === undefined ? work : setMissing(work, frame, id, null);
  if (label !== undefined)
    return updateLabel(present, frame, id, { box, score, track, method: 'tracked', note: null });
  const added = {
    id,
    box,
    class: line.class,
    state: 'draft' as const,
    method: 'tracked' as const,
    score,
    note: null,
    edited: false,
    prediction: null,
    ...traitsOf(present, id),
    track,
  };
  return withLabels(present, frame, [...labelsOf(present, frame), added]);
}
