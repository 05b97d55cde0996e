/**
 * How many keyframes a moving object needs until every frame is good enough: beginning with the first frame,
 * the worst frame gets its true box, until none is below the level.
 */
import { type Box, inversePose, iou3d, transformBox, wrapAngle } from '../../../inference/boxes/index.ts';
import { labelClass } from '../../../inference/classes/index.ts';
import type { NetworkFit } from '../../../inference/network/index.ts';
import { follow, memoryFrames, type TrackedObject } from '../../../inference/tracks/index.ts';
import type { Sequence, TrueTrack } from './track-sequences.ts';

/** Every frame must reach this 3D IoU. */
export const LEAST_IOU = 0.8;
/** A keyframe needs so many points, a scored frame so many. */
const LEAST_POINTS = { keyframe: 20, scored: 10 };

/** Boxes of each object by frame, with these frames as keyframes. */
type Answer = (asked: ReadonlyMap<string, readonly number[]>) => Promise<Map<string, (Box | null)[]>>;

interface KeyframesNeeded {
  readonly tracks: number;
  /** Sum over the tracks. */
  readonly followed: number;
  /** The same with straight lines between the keyframes, and copies beyond them. */
  readonly line: number;
}

/** Of the moving objects of a sequence. */
export async function keyframesNeeded(
  sequence: Sequence,
  network: NetworkFit,
  most: number,
): Promise<KeyframesNeeded> {
  const tracks = new Map(
    [...sequence.truths]
      .filter(([, { moves, boxes }]) => moves && (boxes[0]?.points ?? 0) >= LEAST_POINTS.keyframe)
      .slice(0, most),
  );
  return {
    tracks: tracks.size,
    followed: await needed(tracks, followed(sequence, network)),
    line: await needed(tracks, straight(sequence)),
  };
}

async function needed(tracks: ReadonlyMap<string, TrueTrack>, answer: Answer): Promise<number> {
  const keys = new Map([...tracks.keys()].map((id) => [id, [0]]));
  let open = new Map(keys);
  while (open.size > 0) {
    const answered = await answer(open);
    const still = new Map<string, number[]>();
    for (const [id, frames] of open) {
      const { boxes } = tracks.get(id)!;
      const worst = worstFrame(boxes, answered.get(id)!, frames);
      if (worst === null) continue;
      const more = [...frames, worst];
      keys.set(id, more);
      still.set(id, more);
    }
    open = still;
  }
  return [...keys.values()].reduce((sum, frames) => sum + frames.length, 0);
}

/** The frame farthest below the level; null: there is none. */
function worstFrame(
  truths: TrueTrack['boxes'],
  answers: readonly (Box | null)[],
  keys: readonly number[],
): number | null {
  let worst: number | null = null;
  let least = LEAST_IOU;
  for (const [frame, truth] of truths.entries()) {
    if (truth === null || truth.points < LEAST_POINTS.scored || keys.includes(frame)) continue;
    const box = answers[frame] ?? null;
    const iou = box === null ? 0 : iou3d(box, truth.box);
    if (iou < least) [worst, least] = [frame, iou];
  }
  return worst;
}

function followed(sequence: Sequence, network: NetworkFit): Answer {
  const { frames, times, points, truths } = sequence;
  const fits = memoryFrames(
    async (frame) => {
      const { sensor } = frames[frame]!;
      return { points: points[frame]!, sensor: sensor === undefined ? [0, 0, 0] : sensor };
    },
    (asked) => network.fit(asked).catch(() => null),
  );
  return async (asked) => {
    const objects = [...asked].map(([id, keys]): TrackedObject => {
      const { boxes, name } = truths.get(id)!;
      const keyframes = keys.map((frame) => ({ frame, box: boxes[frame]!.box, confirmed: true }));
      return { id, class: labelClass(name), keyframes, locked: [], absent: [], static: undefined };
    });
    const request = {
      frames: frames.map(({ pose }, k) => ({ timestamp: times[k]!, pose })),
      objects,
      direction: 'both',
      range: [0, frames.length - 1],
    } as const;
    const found = new Map([...asked.keys()].map((id) => [id, frames.map((): Box | null => null)]));
    for await (const line of follow(request, fits, { signal: new AbortController().signal }))
      if ('box' in line && line.final) found.get(line.id!)![line.frame] = line.box;
    return found;
  };
}

function straight({ frames, times, truths }: Sequence): Answer {
  const between = (id: string, keys: readonly number[], frame: number): Box => {
    const world = (at: number) => transformBox(frames[at]!.pose!, truths.get(id)!.boxes[at]!.box);
    const before = keys.filter((at) => at <= frame).sort((a, b) => b - a)[0];
    const after = keys.filter((at) => at >= frame).sort((a, b) => a - b)[0];
    const [a, b] = [world(before ?? after!), world(after ?? before!)];
    if (before === undefined || after === undefined || before === after) return a;
    const share = (times[frame]! - times[before]!) / (times[after]! - times[before]!);
    const mix = (from: number, to: number) => from + (to - from) * share;
    const [x, y, z] = a.center;
    return {
      center: [mix(x, b.center[0]), mix(y, b.center[1]), mix(z, b.center[2])],
      size: a.size,
      yaw: a.yaw + share * wrapAngle(b.yaw - a.yaw),
    };
  };
  return async (asked) =>
    new Map(
      [...asked].map(([id, keys]) => [
        id,
        frames.map(({ pose }, frame) => transformBox(inversePose(pose!), between(id, keys, frame))),
      ]),
    );
}
