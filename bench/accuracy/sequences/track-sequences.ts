/** Labelled sequences for measuring tracks: points and true boxes by object, and the frames to follow in. */
import path from 'node:path';
import { type Box, transformPoint } from '../../../inference/boxes/index.ts';
import { labelGroup } from '../../../inference/classes/index.ts';
import {
  type LabelledFrame,
  offsetsInside,
  readFramePoints,
  readLabelledFrames,
} from '../../../inference/frames/index.ts';

/** An object moves if its true boxes lie farther apart than this in the world, metres. */
const MOVED_METRES = 0.5;
/** Default seconds between frames without timestamps. */
const FRAME_SECONDS = 0.1;

interface Truth {
  readonly box: Box;
  readonly points: number;
}

export interface TrueTrack {
  /** By frame; null where there is no label. */
  readonly boxes: readonly (Truth | null)[];
  /** As labelled. */
  readonly name: string;
  readonly moves: boolean;
}

/** A sequence, its points and the true boxes of its objects by frame. */
export interface Sequence {
  readonly name: string;
  readonly frames: readonly LabelledFrame[];
  /** Seconds, by frame. */
  readonly times: readonly number[];
  readonly points: readonly Float32Array[];
  readonly truths: ReadonlyMap<string, TrueTrack>;
}

/** @param every one of so many frames is used. @param group of the objects */
export async function loadSequence(folder: string, every: number, group: string): Promise<Sequence> {
  const frames = (await readLabelledFrames(folder)).filter((_, k) => k % every === 0);
  const points = await Promise.all(frames.map(readFramePoints));
  const labels = new Map<string, { boxes: (Truth | null)[]; name: string }>();
  for (const [k, frame] of frames.entries())
    for (const { id, class: name, center, size, yaw } of frame.objects) {
      if (id === null || labelGroup(name) !== group) continue;
      const known = labels.get(id) ?? { boxes: frames.map(() => null), name };
      const box = { center, size, yaw };
      known.boxes[k] = { box, points: offsetsInside(points[k]!, box).length };
      labels.set(id, known);
    }
  return {
    name: path.basename(folder),
    frames,
    times: frames.map(({ timestamp }, k) => timestamp ?? FRAME_SECONDS * every * k),
    points,
    truths: new Map([...labels].map(([id, label]) => [id, { ...label, moves: moves(label.boxes, frames) }])),
  };
}

function moves(boxes: readonly (Truth | null)[], frames: readonly LabelledFrame[]): boolean {
  const places = boxes.flatMap((each, k) =>
    each ? [transformPoint(frames[k]!.pose!, each.box.center)] : [],
  );
  return places.some((a) => places.some((b) => Math.hypot(a[0] - b[0], a[1] - b[1]) > MOVED_METRES));
}
