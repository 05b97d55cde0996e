/** Tracks over labelled frames: carries labels to the frames that have none. */
import type { Box, Vec3 } from '../boxes/index.ts';
import type { LabelGroup } from '../classes/index.ts';
import { labelClass, labelGroup } from '../classes/index.ts';
import { type LabelledFrame, type LabelledObject, readFramePoints } from '../frames/index.ts';
import { type FitBox, type FrameFits, memoryFrames } from './frames/index.ts';
import type { TrackedObject, TrackTask } from './sequence.ts';

export interface LabelledTrackOptions {
  /**
   * `first`: the first label of each object becomes its keyframe; `ends`: the first and the last; `all`:
   * every label.
   */
  readonly keyframes: 'first' | 'ends' | 'all';
  readonly groups: readonly LabelGroup[];
  /** Labels with fewer points do not become keyframes. */
  readonly minPoints: number;
}

/** Assumed time between frames without timestamps, seconds. */
const FRAME_SECONDS = 0.1;

/**
 * The request for a track, with one object for each id of the labels. Objects without an id or without a
 * label of enough points are left out. Poses and timestamps are used if all frames have them.
 */
export function labelledTracks(
  frames: readonly LabelledFrame[],
  { keyframes, groups, minPoints }: LabelledTrackOptions,
): TrackTask {
  const isPosed = frames.every(({ pose }) => pose !== null);
  const isTimed = frames.every(
    ({ timestamp }, k) => timestamp !== undefined && (k === 0 || timestamp > frames[k - 1]!.timestamp!),
  );
  const labels = new Map<string, { frame: number; label: LabelledObject }[]>();
  for (const [frame, { objects }] of frames.entries())
    for (const label of objects) {
      const isWanted =
        groups.includes(labelGroup(label.class)) && (label.numPoints ?? minPoints) >= minPoints;
      if (label.id === null || !isWanted) continue;
      labels.set(label.id, [...(labels.get(label.id) ?? []), { frame, label }]);
    }
  const objects = [...labels].map(([id, seen]): TrackedObject => {
    const chosen = keyframes === 'all' ? seen : keyframes === 'ends' ? ends(seen) : seen.slice(0, 1);
    return {
      id,
      class: labelClass(seen[0]!.label.class),
      keyframes: chosen.map(({ frame, label }) => ({ frame, box: boxOf(label), confirmed: true })),
      locked: [],
      absent: [],
      static: undefined,
    };
  });
  return {
    frames: frames.map(({ pose, timestamp }, k) => ({
      pose: isPosed ? pose : null,
      timestamp: isTimed ? timestamp! : k * FRAME_SECONDS,
    })),
    objects,
    direction: 'both',
    range: [0, frames.length - 1],
  };
}

/** Points of the frames, read from their files when they are requested; the last few are kept. */
export function labelledFrameFits(frames: readonly LabelledFrame[], fit: FitBox): FrameFits {
  const kept = new Map<number, Promise<Float32Array>>();
  return memoryFrames(async (frame) => {
    const points = kept.get(frame) ?? readFramePoints(frames[frame]!);
    kept.delete(frame);
    kept.set(frame, points);
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT_FRAMES) break;
      kept.delete(oldest);
    }
    const { sensor } = frames[frame]!;
    return { points: await points, sensor: sensor === undefined ? AT_ORIGIN : sensor };
  }, fit);
}

const KEPT_FRAMES = 4;
/** Labelled frames have the scanner on the z axis, unless they state another place. */
const AT_ORIGIN: Vec3 = [0, 0, 0];

function ends<Item>(items: readonly Item[]): readonly Item[] {
  return items.length < 2 ? items : [items[0]!, items.at(-1)!];
}

function boxOf({ center, size, yaw }: LabelledObject): Box {
  return { center, size, yaw };
}
