/** One object in the frames of its sequence: what each small picture is about. */
import type { Vec3 } from '../../../inference/boxes/index.ts';
import { findLabel, frameOf, type Label, sequenceOf, type Work } from '../model/index.ts';
import { cellOf, cellText } from '../tracks/index.ts';

export interface GlancePlace {
  readonly frame: string;
  /** The number of the frame in its sequence, from 1. */
  readonly number: number;
  /** The object's box there; undefined where it has none. */
  readonly label: Label | undefined;
  /** `measured, 0.83`, `absent`, `no box`. */
  readonly text: string;
  readonly isDoubtful: boolean;
}

/** Frames that are shown at most: those around the open one. */
const MOST_FRAMES = 300;

/** The frames around the open one, with the object in each. */
export function glancePlaces(
  work: Work,
  all: readonly string[],
  frame: string,
  id: string,
): readonly GlancePlace[] {
  const frames = sequenceOf(all, frame);
  const from = Math.max(0, Math.min(frames.length - MOST_FRAMES, frames.indexOf(frame) - MOST_FRAMES / 2));
  return frames.slice(from, from + MOST_FRAMES).map((name, k) => {
    const cell = cellOf(frameOf(work, name), id);
    return {
      frame: name,
      number: from + k + 1,
      label: findLabel(work, name, id),
      text: cell === undefined ? 'no box' : cellText(cell),
      isDoubtful: cell?.isDoubtful === true,
    };
  });
}

/** The largest length, width and height of the object: all pictures have one scale. */
export function largestSize(places: readonly GlancePlace[]): Vec3 {
  const sizes = places.flatMap(({ label }) => (label === undefined ? [] : [label.box.size]));
  return [0, 1, 2].map((axis) => Math.max(0.5, ...sizes.map((size) => size[axis]!))) as unknown as Vec3;
}
