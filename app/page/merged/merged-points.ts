/**
 * The points of many frames in one world: the coarse nodes of each cloud, thinned, moved by the frames'
 * poses. Limited in frames and points; given up when the view is left.
 */
import {
  type Box,
  insideTest,
  type Pose,
  transformPoint,
  type Vec3,
} from '../../../inference/boxes/index.ts';
import type { Bounds } from '../../../octree/geometry/index.ts';
import type { ApiClient } from '../api/index.ts';
import { decodeNodePayload, NodeTree, type PointList } from '../cloud/index.ts';

export interface PosedFrame {
  readonly frame: string;
  readonly pose: Pose;
}

export interface FrameInWorld extends PosedFrame {
  /** x, y, z in the world, from `origin`, metres. */
  readonly xyz: Float32Array;
}

/** Frames that are merged at most, and points of all of them together. */
const MOST_MERGED = { frames: 60, points: 1_200_000 } as const;
const AT_ONCE = 2;
const ROOT = '0-0-0-0';

/** At most so many of the frames, evenly taken; the open one is among them. */
export function chosenFrames<Frame extends PosedFrame>(
  frames: readonly Frame[],
  open: string,
  most: number = MOST_MERGED.frames,
): readonly Frame[] {
  if (frames.length <= most) return frames;
  const at = new Set(
    Array.from({ length: most - 1 }, (_, k) => Math.floor((k * frames.length) / (most - 1))),
  );
  return frames.filter(({ frame }, k) => at.has(k) || frame === open);
}

export class MergedPoints {
  /** What coordinates are told from: near the frames. */
  readonly origin: Vec3;
  readonly #frames: FrameInWorld[] = [];

  constructor(origin: Vec3) {
    this.origin = origin;
  }

  get frames(): readonly FrameInWorld[] {
    return this.#frames;
  }

  /** Adds the points of a frame that are given in its own coordinates. */
  add({ frame, pose }: PosedFrame, { origin, xyz }: PointList): void {
    const moved = new Float32Array(xyz.length);
    for (let i = 0; i < xyz.length; i += 3) {
      const place = transformPoint(pose, [
        origin[0] + xyz[i]!,
        origin[1] + xyz[i + 1]!,
        origin[2] + xyz[i + 2]!,
      ]);
      for (const k of [0, 1, 2] as const) moved[i + k] = place[k] - this.origin[k];
    }
    this.#frames.push({ frame, pose, xyz: moved });
  }

  /** The points of all frames in bounds of the world. */
  pointsIn({ min, max }: Bounds): PointList {
    const { origin } = this;
    const [low, high] = [min, max].map((edge) => edge.map((value, k) => value - origin[k]!)) as [
      number[],
      number[],
    ];
    const found: number[] = [];
    for (const { xyz } of this.#frames)
      for (let i = 0; i < xyz.length; i += 3) {
        const [x, y, z] = [xyz[i]!, xyz[i + 1]!, xyz[i + 2]!];
        if (x < low[0]! || x > high[0]! || y < low[1]! || y > high[1]!) continue;
        if (z >= low[2]! && z <= high[2]!) found.push(x, y, z);
      }
    return { origin, xyz: Float32Array.from(found) };
  }

  /** How many points each frame has in a box of the world. */
  countIn(box: Box): ReadonlyMap<string, number> {
    const isInside = insideTest(box);
    const [ox, oy, oz] = this.origin;
    return new Map(
      this.#frames.map(({ frame, xyz }) => {
        let count = 0;
        for (let i = 0; i < xyz.length; i += 3)
          if (isInside(ox + xyz[i]!, oy + xyz[i + 1]!, oz + xyz[i + 2]!)) count += 1;
        return [frame, count];
      }),
    );
  }
}

/** Loads frames, the open one first, and tells of each. Rejects when the signal aborts. */
export async function loadMerged(
  merged: MergedPoints,
  frames: readonly PosedFrame[],
  api: Pick<ApiClient, 'cloud' | 'listing' | 'node'>,
  { signal, onFrame }: { readonly signal: AbortSignal; readonly onFrame: () => void },
): Promise<void> {
  const most = Math.floor(MOST_MERGED.points / Math.max(1, frames.length));
  const left = [...frames];
  const next = async (): Promise<void> => {
    for (let frame = left.shift(); frame !== undefined; frame = left.shift()) {
      const points = await coarsePoints(frame.frame, api, most, signal);
      signal.throwIfAborted();
      merged.add(frame, points);
      onFrame();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
}

/** The coarsest nodes of a cloud that have so many points together, evenly thinned to as many. */
async function coarsePoints(
  id: string,
  api: Pick<ApiClient, 'cloud' | 'listing' | 'node'>,
  most: number,
  signal: AbortSignal,
): Promise<PointList> {
  const { version, cube, spacing } = await api.cloud(id, signal);
  const tree = new NodeTree(cube, spacing);
  const listing = await api.listing(id, version, ROOT, signal);
  tree.add(listing);
  const nodes = Object.keys(listing.nodes)
    .flatMap((name) => tree.get(name) ?? [])
    .filter(({ count }) => count > 0)
    .sort((a, b) => a.key.depth - b.key.depth);
  const origin: Vec3 = [0, 1, 2].map((k) => Math.round((cube.min[k]! + cube.max[k]!) / 2)) as unknown as Vec3;
  const found: number[] = [];
  // Whole levels: half of one would show half of the cloud.
  let total = 0;
  for (let depth = 0; total < most; depth++) {
    const level = nodes.filter(({ key }) => key.depth === depth);
    if (level.length === 0) break;
    for (const { name } of level) {
      const { count, data, step, origin: own } = decodeNodePayload(await api.node(id, version, name, signal));
      for (let i = 0; i < 4 * count; i += 4)
        for (const k of [0, 1, 2] as const) found.push(own[k] - origin[k] + data[i + k]! * step[k]);
      total += count;
    }
  }
  const taken = Math.min(total, most);
  const xyz = new Float32Array(3 * taken);
  for (let i = 0; i < taken; i++) {
    const from = 3 * Math.floor((i * total) / taken);
    for (const k of [0, 1, 2]) xyz[3 * i + k] = found[from + k]!;
  }
  return { origin, xyz };
}
