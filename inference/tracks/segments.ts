/**
 * A track is cut at its keyframes. The frames between two keyframes depend on these two alone, so an edit
 * changes nothing beyond the neighbouring keyframes.
 */
import type { TrackedObject, TrackTask } from './sequence.ts';

/**
 * Frames between two keyframes, or between a keyframe and the end of the sequence, without those of the
 * keyframes.
 */
export interface Segment {
  /**
   * Index in the object's keyframes, in the order of frames; null: no keyframe on this side belongs to the
   * segment.
   */
  readonly from: number | null;
  readonly to: number | null;
  /** In ascending order. */
  readonly frames: readonly number[];
}

export interface Cut {
  readonly segments: readonly Segment[];
  /** Requested frames in which the object is absent, or that no keyframe reaches. */
  readonly absent: readonly number[];
}

/** @param keyframes frames of the keyframes, in ascending order */
export function segmentsOf(
  keyframes: readonly number[],
  absent: TrackedObject['absent'],
  { direction, range, frames }: Pick<TrackTask, 'direction' | 'range' | 'frames'>,
): Cut {
  const isAbsent = new Set(absent);
  const segments: Segment[] = [];
  const gone: number[] = [];
  const [first, last] = [Math.max(0, range[0]), Math.min(frames.length - 1, range[1])];
  for (let k = -1; k < keyframes.length; k++) {
    const left = k < 0 ? null : k;
    const right = k + 1 < keyframes.length ? k + 1 : null;
    if (left === null && direction === 'forward') continue;
    if (right === null && direction === 'backward') continue;
    const start = left === null ? first : keyframes[left]! + 1;
    const end = right === null ? last : keyframes[right]! - 1;
    for (const run of runs(start, end, isAbsent)) {
      const from = left !== null && run.first === start ? left : null;
      const to = right !== null && run.last === end ? right : null;
      const inside = run.frames.filter((frame) => frame >= first && frame <= last);
      if (from === null && to === null) gone.push(...inside);
      else if (inside.length > 0) segments.push({ from, to, frames: inside });
    }
    for (let frame = Math.max(start, first); frame <= Math.min(end, last); frame++)
      if (isAbsent.has(frame)) gone.push(frame);
  }
  return { segments, absent: gone.sort((a, b) => a - b) };
}

function runs(start: number, end: number, isAbsent: ReadonlySet<number>) {
  const found: { first: number; last: number; frames: number[] }[] = [];
  for (let frame = start; frame <= end; frame++) {
    if (isAbsent.has(frame)) continue;
    const open = found.at(-1);
    if (open !== undefined && open.last === frame - 1) {
      open.frames.push(frame);
      open.last = frame;
    } else found.push({ first: frame, last: frame, frames: [frame] });
  }
  return found;
}
