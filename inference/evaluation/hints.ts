/**
 * The hints that stand for an annotator: a click on a random point of the object, or a loosely drawn box. They are the same, draw by draw,
 * as those of the reference scorer (`clickAll` in scorer.mjs), so that both measure the same clicks.
 */
import { type Box, type Vec3, wrapAngle } from '../box.ts';

export const HINT_KINDS = ['click', 'box'] as const;

export type HintKind = (typeof HINT_KINDS)[number];

/** A hint as the service takes it: a region of `POST /v1/predictions`, in the frame's coordinates. */
export type HintRegion =
  | { readonly type: 'click'; readonly position: Vec3 }
  | ({ readonly type: 'box' } & Box);

/** Which draw this is. */
export interface HintDraw {
  readonly frameId: string;
  /** Place of the object in the frame's list, from 0. */
  readonly index: number;
  readonly numPoints: number;
  /** 1, 2, 3, ...: each gives another click. */
  readonly seed: number;
  /** A click lies up to this far from the point, in each axis; metres. */
  readonly jitter: number;
}

/** Clicks are drawn among the points higher than this over the box's floor, metres, if there are any: nobody clicks on a tyre's foot. */
const ABOVE_FLOOR = 0.2;
/** A loose box: centre off by up to this in each axis (metres), each size by a factor e^+-, yaw by up to this (radians). */
const BOX_LOOSENESS = { center: 0.35, logSize: 0.26, yaw: 0.35 };

/** Random numbers in [0, 1): mulberry32. */
export function mulberry32(seed: number): () => number {
  let s = seed;
  return () => {
    s |= 0;
    s = (s + 0x6d2b79f5) | 0;
    let t = Math.imul(s ^ (s >>> 15), 1 | s);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * @param points x, y, z, intensity interleaved
 * @param inside offsets in `points` of those inside `truth`, in their order; at least one
 */
export function drawHint(
  kind: HintKind,
  points: Float32Array,
  inside: readonly number[],
  truth: Box,
  draw: HintDraw,
): HintRegion {
  const floor = truth.center[2] - truth.size[2] / 2 + ABOVE_FLOOR;
  const upper = inside.filter((i) => points[i + 2]! > floor);
  const from = upper.length > 0 ? upper : inside;
  const random = mulberry32(
    draw.seed * 7919 + draw.index * 104729 + draw.frameId.length * 31 + draw.numPoints,
  );
  const i = from[Math.floor(random() * from.length)]!;
  const off = (reach: number) => (random() - 0.5) * 2 * reach;
  const moved = (at: Vec3, reach: number): Vec3 => {
    const x = at[0] + off(reach);
    const y = at[1] + off(reach);
    return [x, y, at[2] + off(reach)];
  };
  if (kind === 'click')
    return { type: 'click', position: moved([points[i]!, points[i + 1]!, points[i + 2]!], draw.jitter) };
  const center = moved(truth.center, BOX_LOOSENESS.center);
  const length = truth.size[0] * Math.exp(off(BOX_LOOSENESS.logSize));
  const width = truth.size[1] * Math.exp(off(BOX_LOOSENESS.logSize));
  const height = truth.size[2] * Math.exp(off(BOX_LOOSENESS.logSize));
  const yaw = wrapAngle(truth.yaw + off(BOX_LOOSENESS.yaw));
  return { type: 'box', center, size: [length, width, height], yaw };
}
