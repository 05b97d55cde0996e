/**
 * Simulated hints of an annotator: a click on a random point of the object, a rough box, and others. Clicks
 * and boxes equal those of the reference scorer (`clickAll` in scorer.mjs) number by number, so that both
 * measure the same hints.
 */
import { mulberry32 } from '../../cache/foundation/index.ts';
import { type Box, insideTest, type Vec3, wrapAngle } from '../boxes/index.ts';
import type { ObjectClass } from '../classes/index.ts';
import { labelClass } from '../classes/index.ts';
import type { SideClick } from '../fit/index.ts';
import { drawFrustum, drawPolygon, type FrustumLasso, type PolygonLasso } from './lassos.ts';

export const HINT_KINDS = [
  'click',
  'box',
  'sphere',
  'lasso',
  'screen-lasso',
  'clicks',
  'click+class',
  'box+class',
  'click+size',
  'click-sensor',
] as const;

export type HintKind = (typeof HINT_KINDS)[number];

/** A hint as the service takes it: a region of `POST /v1/predictions`, in the frame's coordinates. */
export type EvaluationRegion =
  | { readonly type: 'click'; readonly position: Vec3 }
  | ({ readonly type: 'box' } & Box)
  | { readonly type: 'sphere'; readonly center: Vec3; readonly radius: number }
  | PolygonLasso
  | FrustumLasso
  | { readonly type: 'click'; readonly position: Vec3; readonly also: readonly SideClick[] };

/** What the annotator tells. `sensor`: null if it is unknown, undefined to use the cloud's own. */
export interface HintQuestion {
  readonly region: EvaluationRegion;
  readonly class: ObjectClass | null;
  readonly size: Vec3 | null;
  readonly sensor: Vec3 | null | undefined;
}

/** The random numbers of a hint depend on these values. */
export interface HintDraw {
  readonly frameId: string;
  /** Index of the object in the frame's list. */
  readonly index: number;
  readonly numPoints: number;
  /** 1, 2, 3, ...: each seed gives another hint. */
  readonly seed: number;
  /** A click lies up to this far from the point, in each axis; metres. */
  readonly jitter: number;
}

/**
 * Clicks are drawn from the points higher than this over the box's floor, if there are any: people do not
 * click where a tyre meets the road. Metres.
 */
const ABOVE_FLOOR = 0.2;
/**
 * A rough box: largest offset of the centre in each axis (metres), of the logarithm of each size, of the yaw
 * (radians).
 */
const BOX_LOOSENESS = { center: 0.35, logSize: 0.26, yaw: 0.35 };

/**
 * A sphere around the object: largest offset of the centre in each axis, as a share of the radius; least and
 * largest radius, as a share of half the diagonal.
 */
const SPHERE = { off: 0.15, least: 0.85, most: 1.3 };
/**
 * A click beside the object is on a point at this distance from its box and this height over its floor,
 * metres.
 */
const BESIDE = { least: 0.15, most: 2, up: 0.3 };

/**
 * The question of a hint. The region is random; class and size, if told, are the true ones.
 * @param points x, y, z, intensity interleaved
 * @param inside offsets in `points` of those inside `truth`, in their order; at least one
 * @param sensor where the scanner stood; null: unknown; undefined: as the cloud says
 */
export function drawQuestion(
  kind: HintKind,
  points: Float32Array,
  inside: readonly number[],
  truth: Box & { readonly class: string },
  draw: HintDraw,
  sensor: Vec3 | null | undefined,
): HintQuestion {
  const said = { class: null, size: null, sensor };
  const simple = (of: 'click' | 'box') => drawHint(of, points, inside, truth, draw);
  const random = mulberry32(draw.seed * 7919 + draw.index * 104729 + draw.frameId.length * 31 + 17);
  switch (kind) {
    case 'click':
    case 'box':
      return { ...said, region: simple(kind) };
    case 'click+class':
      return { ...said, region: simple('click'), class: labelClass(truth.class) };
    case 'box+class':
      return { ...said, region: simple('box'), class: labelClass(truth.class) };
    case 'click+size':
      return { ...said, region: simple('click'), size: truth.size };
    case 'click-sensor':
      return { ...said, region: simple('click'), sensor: null };
    case 'clicks':
      return { ...said, region: furtherClicks(simple('click'), points, inside, truth, random) };
    case 'sphere':
      return { ...said, region: drawSphere(truth, random) };
    case 'lasso':
      return { ...said, region: drawPolygon(truth, random) };
    case 'screen-lasso':
      return { ...said, region: drawFrustum(truth, [sensor?.[0] ?? 0, sensor?.[1] ?? 0], random) };
  }
}

function drawSphere(truth: Box, random: () => number): EvaluationRegion {
  const radius = (Math.hypot(...truth.size) / 2) * (SPHERE.least + random() * (SPHERE.most - SPHERE.least));
  const off = () => (random() - 0.5) * 2 * SPHERE.off * radius;
  const [x, y, z] = truth.center;
  return { type: 'sphere', center: [x + off(), y + off(), z + off()], radius };
}

/**
 * Adds a second click on the object, and one beside it on another object or the background, if there are
 * points.
 */
function furtherClicks(
  first: EvaluationRegion,
  points: Float32Array,
  inside: readonly number[],
  truth: Box,
  random: () => number,
): EvaluationRegion {
  if (first.type !== 'click') throw new TypeError('further clicks need a first hint of type click');
  const at = (i: number): Vec3 => [points[i]!, points[i + 1]!, points[i + 2]!];
  const also: SideClick[] = [{ position: at(inside[Math.floor(random() * inside.length)]!), inside: true }];
  const isNear = insideTest(truth, BESIDE.most);
  const isTooNear = insideTest(truth, BESIDE.least);
  const floor = truth.center[2] - truth.size[2] / 2 + BESIDE.up;
  const beside: number[] = [];
  for (let i = 0; i < points.length; i += 4) {
    const [x, y, z] = at(i);
    if (z > floor && isNear(x, y, z) && !isTooNear(x, y, z)) beside.push(i);
  }
  if (beside.length > 0)
    also.push({ position: at(beside[Math.floor(random() * beside.length)]!), inside: false });
  return { type: 'click', position: first.position, also };
}

/**
 * @param points x, y, z, intensity interleaved
 * @param inside offsets in `points` of those inside `truth`, in their order; at least one
 */
export function drawHint(
  kind: 'click' | 'box',
  points: Float32Array,
  inside: readonly number[],
  truth: Box,
  draw: HintDraw,
): EvaluationRegion {
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
