/** The boxes of an object between its keyframes, without looking at points. */
import { type Box, IDENTITY_POSE, inversePose, type Pose, transformBox, wrapAngle } from '../boxes/index.ts';

interface MotionKeyframe {
  /** Index of its frame. */
  readonly frame: number;
  /** In the frame's own coordinates; metres, radians. */
  readonly box: Box;
}

export interface InterpolationRequest {
  /** Seconds, rising; and what takes each frame's coordinates to the world's (null: they are the world's). */
  readonly frames: readonly { readonly timestamp: number; readonly pose: Pose | null }[];
  /** At least one, in the order in which they were edited: the size is that of the last one. */
  readonly keyframes: readonly MotionKeyframe[];
  /** Frames in which the object is not there. */
  readonly absent: readonly number[];
  readonly isStatic: boolean;
  /** First and last frame that is wanted. */
  readonly range: readonly [number, number];
}

/** `box` is null where the object is absent, or where no keyframe leads. */
export interface InterpolatedFrame {
  readonly frame: number;
  readonly box: Box | null;
  readonly status: 'interpolated' | 'predicted' | 'absent';
}

/** Beyond the keyframes, motion is believed for so long, seconds. */
const BELIEVED_SECONDS = 1;

/**
 * A line for every frame of the range that has no keyframe. Places and headings go evenly, in the world,
 * from one keyframe to the next; beyond the last one the object goes on as before for a second, then keeps
 * its place. An object that stands has the place of the nearest keyframe. Nothing is carried across frames in
 * which the object is absent.
 */
export function interpolate(request: InterpolationRequest): InterpolatedFrame[] {
  const { frames, range } = request;
  const absent = new Set(request.absent);
  const { size } = request.keyframes.at(-1)!.box;
  const keys = [...request.keyframes]
    .sort((a, b) => a.frame - b.frame)
    .map(({ frame, box }) => ({ frame, box: transformBox(frames[frame]!.pose ?? IDENTITY_POSE, box) }));
  const taken = new Set(keys.map(({ frame }) => frame));
  const answers: InterpolatedFrame[] = [];
  for (let frame = Math.max(0, range[0]); frame <= Math.min(frames.length - 1, range[1]); frame++) {
    if (taken.has(frame)) continue;
    const isOpen = (key: MotionKeyframe) => !absent.has(frame) && leadsTo(key.frame, frame, absent);
    const before = keys.findLast((key) => key.frame < frame && isOpen(key));
    const after = keys.find((key) => key.frame > frame && isOpen(key));
    const at = worldBox(request, keys, { before, after, frame });
    if (at === null) {
      answers.push({ frame, box: null, status: 'absent' });
      continue;
    }
    const own = transformBox(inversePose(frames[frame]!.pose ?? IDENTITY_POSE), at);
    const isBetween = before !== undefined && after !== undefined;
    answers.push({ frame, box: { ...own, size }, status: isBetween ? 'interpolated' : 'predicted' });
  }
  return answers;
}

interface Neighbours {
  readonly before: MotionKeyframe | undefined;
  readonly after: MotionKeyframe | undefined;
  readonly frame: number;
}

function worldBox(
  { frames, isStatic }: InterpolationRequest,
  keys: readonly MotionKeyframe[],
  { before, after, frame }: Neighbours,
): Box | null {
  const time = (key: MotionKeyframe) => frames[key.frame]!.timestamp;
  const now = frames[frame]!.timestamp;
  if (before === undefined && after === undefined) return null;
  if (before !== undefined && after !== undefined) {
    const share = (now - time(before)) / (time(after) - time(before));
    if (isStatic) return (share < 0.5 ? before : after).box;
    return between(before.box, after.box, share);
  }
  const near = (before ?? after)!;
  const at = keys.indexOf(near);
  const second = before === undefined ? keys[at + 1] : keys[at - 1];
  if (isStatic || second === undefined) return near.box;
  const reach = now - time(near);
  const seconds = Math.sign(reach) * Math.min(Math.abs(reach), BELIEVED_SECONDS);
  const share = seconds / (time(second) - time(near));
  // The heading of the last keyframe is kept: a turn that goes on is seldom right.
  return { ...between(near.box, second.box, share), yaw: near.box.yaw };
}

/** True if the object is present in all frames between two. */
function leadsTo(from: number, to: number, absent: ReadonlySet<number>): boolean {
  for (let frame = Math.min(from, to); frame <= Math.max(from, to); frame++)
    if (absent.has(frame)) return false;
  return true;
}

/** Part of the way from one box to another; the heading takes the shorter way round. */
function between(a: Box, b: Box, share: number): Box {
  const mix = (k: 0 | 1 | 2) => a.center[k] + (b.center[k] - a.center[k]) * share;
  return {
    center: [mix(0), mix(1), mix(2)],
    size: a.size,
    yaw: wrapAngle(a.yaw + wrapAngle(b.yaw - a.yaw) * share),
  };
}
