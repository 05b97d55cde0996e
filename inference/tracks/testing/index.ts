/** The test kit of `inference/tracks/`: frames without points, in which objects are where a function says. */
import type { NearboxError } from '../../../cache/index.ts';
import { type Box, type Vec3, wrapAngle } from '../../boxes/index.ts';
import type { FitAsk, FitReply, FrameFits } from '../frames/index.ts';
import type { TrackBox, TrackHead, TrackLine, TrackLost } from '../lines.ts';
import type { TrackedObject, TrackTask } from '../sequence.ts';

export const SIZE: Vec3 = [4.4, 1.8, 1.5];

/** Where an object is in a frame, in the world; null: it is not there. */
export type Truth = (frame: number) => Box | null;

export interface FakeOptions {
  /** Frames that cannot be read, and why. */
  readonly failures?: ReadonlyMap<number, NearboxError>;
  /** How far a fit may be off, metres. Default: 0.03. */
  readonly noise?: number;
  /** Share of a place that something hides. Default: 0 where the object is, else 0. */
  readonly hidden?: (frame: number) => number;
  /** Told of every ask. */
  readonly onAsk?: (frame: number, asks: readonly FitAsk[]) => void;
  readonly version?: (frame: number) => string;
}

/** A fit finds an object whose centre is this near to the start, metres. */
const REACH = 1.6;
const POINTS = 100;

/**
 * Frames whose fits find the objects of `truths`, off by a little that depends on nothing but frame and
 * start.
 */
export function fakeFrames(truths: readonly Truth[], options: FakeOptions = {}): FrameFits {
  const { failures, noise = 0.03, hidden = () => 0, onAsk, version = () => 'v' } = options;
  const reply = (frame: number, ask: FitAsk): FitReply => {
    const near = (start: Box): Box | null =>
      truths
        .flatMap((truth) => truth(frame) ?? [])
        .find(
          (box) => Math.hypot(box.center[0] - start.center[0], box.center[1] - start.center[1]) < REACH,
        ) ?? null;
    return {
      fits: ask.starts.map((start) => {
        const box = near(start);
        if (box === null) return null;
        const [a, b, c] = wobble(frame, start, noise);
        const [x, y, z] = box.center;
        return {
          box: { center: [x + a, y + b, z + c], size: start.size, yaw: wrapAngle(box.yaw + a / 3) },
          score: 0.8,
          inside: POINTS,
          registration: null,
        };
      }),
      start: {
        inside: near(ask.starts[0]!) === null ? 0 : POINTS,
        registration: null,
        hidden: hidden(frame),
        free: near(ask.starts[0]!) === null ? 0.8 - hidden(frame) : 0,
      },
      shape: null,
    };
  };
  return {
    readAhead() {},
    async ask(frame, asks, signal) {
      signal.throwIfAborted();
      onAsk?.(frame, asks);
      const failure = failures?.get(frame);
      if (failure !== undefined) throw failure;
      return {
        replies: asks.map((ask) => reply(frame, ask)),
        version: version(frame),
        sensor: [0, 0, 1.8],
        bounds: null,
        cost: { nodes: 1, bytes: 10, memory: 0, disk: 0, origin: 1 },
        timings: { readMs: 1, fitMs: 1 },
      };
    },
  };
}

/** Three numbers in -noise..noise that only depend on the arguments. */
function wobble(frame: number, { center }: Box, noise: number): Vec3 {
  const at = (salt: number) => {
    const turns = Math.sin(frame * 12.9898 + Math.round(center[0]) * 78.233 + salt * 37.719) * 43758.5453;
    return (turns - Math.floor(turns) - 0.5) * 2 * noise;
  };
  return [at(1), at(2), at(3)];
}

export function boxAt(x: number, y: number, yaw = 0): Box {
  return { center: [x, y, 0.75], size: SIZE, yaw };
}

/** Frames `seconds` apart without poses, all of them wanted. */
export function requestOf(
  objects: readonly (Partial<TrackedObject> & Pick<TrackedObject, 'keyframes'>)[],
  frames: number,
  over: Partial<TrackTask> & { readonly seconds?: number } = {},
): TrackTask {
  const { seconds = 0.1, ...rest } = over;
  return {
    frames: Array.from({ length: frames }, (_, k) => ({ timestamp: k * seconds, pose: null })),
    objects: objects.map((object, k) => ({
      id: `object-${k}`,
      class: 'car',
      locked: [],
      absent: [],
      static: undefined,
      ...object,
    })),
    direction: 'both',
    range: [0, frames - 1],
    ...rest,
  };
}

export interface CollectedLines {
  readonly lines: readonly TrackLine[];
  readonly heads: readonly TrackHead[];
  /** Final lines of an object, by frame. */
  final(id: string | null): Map<number, TrackBox | TrackLost>;
}

export async function collect(track: AsyncIterable<TrackLine>): Promise<CollectedLines> {
  const lines: TrackLine[] = [];
  for await (const line of track) lines.push(line);
  return {
    lines,
    heads: lines.filter((line) => 'track' in line),
    final(id) {
      const found = new Map<number, TrackBox | TrackLost>();
      for (const line of lines)
        if ('frame' in line && line.id === id && line.final) {
          if (found.has(line.frame)) throw new Error(`frame ${line.frame} has more than one final line`);
          found.set(line.frame, line);
        }
      return found;
    },
  };
}
