/** The question about tracks: what is known of the objects in all frames of their sequence. */
import type { TrackAsk } from '../api/index.ts';
import {
  ABSENT,
  findLabel,
  frameOf,
  isByHand,
  isKeyframe,
  type Label,
  labelsOf,
  type Work,
} from '../model/index.ts';

export type TrackDirection = 'both' | 'forward' | 'backward';
export type AskedObject = NonNullable<TrackAsk['objects']>[number];

/** The boxes of an object by frame; second versions are left out. */
export function boxesOf(work: Work, frames: readonly string[], id: string): (Label | undefined)[] {
  return frames.map((frame) => {
    const label = findLabel(work, frame, id);
    return label?.conflictsWith === undefined ? label : undefined;
  });
}

/**
 * An object as the question has it; null if it has no box.
 * @param last the frame that was edited last: the size is taken from there
 * @param isStatic whether it stands, if that is to stay as it is
 */
export function askedObject(
  work: Work,
  frames: readonly string[],
  id: string,
  { last, isStatic }: { readonly last?: number | undefined; readonly isStatic?: boolean | undefined } = {},
): AskedObject | null {
  const labels = boxesOf(work, frames, id);
  const keyframes = labels.flatMap((label, frame) =>
    label === undefined || !isKeyframe(label)
      ? []
      : [{ frame, box: bare(label), confirmed: isByHand(label) || label.method === 'drawn' }],
  );
  if (keyframes.length === 0) {
    // The keyframe has gone, or the track was split behind it: the surest box takes its place.
    const surest = labels.flatMap((label, frame) => (label === undefined ? [] : [{ label, frame }]));
    surest.sort((a, b) => (b.label.score ?? 0) - (a.label.score ?? 0));
    if (surest[0] === undefined) return null;
    keyframes.push({ frame: surest[0].frame, box: bare(surest[0].label), confirmed: false });
  }
  keyframes.sort((a, b) => Number(a.frame === last) - Number(b.frame === last));
  const locked = labels.flatMap((label, frame) => (label?.track?.isLocked === true ? [frame] : []));
  const absent = frames.flatMap((frame, k) =>
    frameOf(work, frame).missing[id] === ABSENT && labels[k] === undefined ? [k] : [],
  );
  const chosen = labels.find((label) => label?.track?.isStaticChosen === true)?.track?.isStatic;
  const known = isStatic ?? chosen;
  return {
    id,
    class: labels[keyframes[0]!.frame]!.class,
    keyframes,
    ...(locked.length > 0 ? { locked } : {}),
    ...(absent.length > 0 ? { absent } : {}),
    ...(known === undefined ? {} : { static: known }),
  };
}

function bare({ box: { center, size, yaw } }: Label) {
  return { center, size, yaw };
}

/** Ids of a frame from which tracks can go out. */
export function trackable(work: Work, frame: string): string[] {
  return labelsOf(work, frame)
    .filter((label) => label.conflictsWith === undefined && isKeyframe(label))
    .map(({ id }) => id);
}

/** First and last frame in which anything is known of an object; null if nothing is. */
export function trackExtent(
  work: Work,
  frames: readonly string[],
  id: string,
): readonly [number, number] | null {
  const known = frames.flatMap((frame, k) =>
    findLabel(work, frame, id) !== undefined || frameOf(work, frame).missing[id] !== undefined ? [k] : [],
  );
  return known.length === 0 ? null : [known[0]!, known.at(-1)!];
}

/**
 * The frames that an edit in `at` has to do with: up to the neighbouring keyframes, as far as the object was
 * carried. null if no frame there is answered for by a track.
 */
export function segmentAround(
  work: Work,
  frames: readonly string[],
  id: string,
  at: number,
): readonly [number, number] | null {
  const labels = boxesOf(work, frames, id);
  const extent = trackExtent(work, frames, id);
  if (extent === null) return null;
  const isKey = labels.map((label) => label !== undefined && isKeyframe(label));
  const before = isKey.lastIndexOf(true, at - 1);
  const after = isKey.indexOf(true, at + 1);
  const first = Math.max(extent[0], at === 0 ? 0 : before);
  const last = after === -1 ? extent[1] : after;
  const isCarried = (k: number) =>
    (labels[k] !== undefined && !isKey[k]) ||
    (labels[k] === undefined && (frameOf(work, frames[k]!).missing[id] ?? ABSENT) !== ABSENT);
  for (let k = first; k <= last; k++) if (isCarried(k)) return [first, last];
  return null;
}
