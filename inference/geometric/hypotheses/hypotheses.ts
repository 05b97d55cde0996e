/** Candidate boxes and their costs; the one with the least cost wins. */
import { axisAngle, type Box, type Vec2, type Vec3 } from '../../boxes/index.ts';
import type { ObjectClass } from '../../classes/index.ts';
import { groundHeight } from '../../ground/index.ts';
import type { Columns } from '../columns.ts';
import { type Footprint, type HypothesisEvidence, type Rays, raysThrough, weigh } from '../evidence.ts';
import { type Extents, extentsAt, type Outline, rectangleYaws, type YawRange } from '../rectangle.ts';
import type { Scene } from '../scene.ts';
import type { Shade } from '../shade.ts';
import { plausibleSizes, type SeenSpan, spanOfSize } from './completion.ts';
import type { ClassPrior } from './sizes.ts';
import { fullHeight, likelyHeight } from './upright.ts';

export interface Hypothesis extends HypothesisEvidence {
  readonly box: Box;
  readonly class: ObjectClass;
  /** Share of rays through the body among these rays and the columns inside. */
  readonly pierced: number;
  readonly cost: number;
}

export interface HypothesisQuestion {
  readonly scene: Scene;
  readonly rays: Rays | null;
  readonly shade: Shade | null;
  readonly priors: readonly ClassPrior[];
  /** A size to keep. */
  readonly size: Vec3 | null;
  readonly yaws: YawRange;
  /** Approximate yaw of the length; null if either axis may be the length. */
  readonly axis: number | null;
  /** Points known to be on the object (true) or beside it (false). */
  readonly clicks: readonly { readonly position: Vec3; readonly inside: boolean }[];
}

/**
 * Weights of the evidence, in units of half a squared standard deviation of a size. Rounded from their
 * meaning: a box that leaves out a fifth of the region, or that a fifth of the rays pass through, is as
 * unlikely as a size two or three standard deviations off. On simulated scans, halving or doubling `ring`,
 * `left`, `pierced`, `inside` and `yaw` changed the mean IoU by .007 at most; 2 for `bare` was better by
 * .005; `foreign` was chosen there (0, 3, 6, 12: .572, .580, .574, .560).
 */
const COST = { foreign: 3, ring: 12, left: 12, bare: 5, pierced: 16, click: 20, inside: 1, yaw: 4 };
/** Largest cost of an unusual height: the top may be hidden, or something may lie on it. */
const MAX_HEIGHT_COST = 4.5;
const MOST_YAWS = 2;

/**
 * The best hypothesis for one region; null if none costs less than `bound`. Hypotheses are dropped as soon as
 * they exceed it, which saves time and changes no answer.
 * @param columns those of the region's size group
 */
export function bestHypothesis(
  question: HypothesisQuestion,
  columns: Columns,
  region: Uint8Array,
  bound: number,
): Hypothesis | null {
  const outline = outlineOf(columns, region);
  if (outline.x.length === 0) return null;
  const { scene } = question;
  const eye: Vec2 | null = scene.sensor ? [scene.sensor[0], scene.sensor[1]] : null;
  let found: Hypothesis | null = null;
  const peaks = rectangleYaws(outline, eye, question.yaws, MOST_YAWS);
  const best = peaks[0]?.closeness ?? 1;
  for (const peak of peaks) {
    const worse = COST.yaw * Math.max(0, 1 - peak.closeness / best);
    for (const turn of [0, Math.PI / 2]) {
      const yaw = peak.yaw + turn;
      if (question.axis !== null && axisAngle(yaw, question.axis) > Math.PI / 4) continue;
      const extents = extentsAt(outline, yaw);
      for (const prior of question.priors)
        for (const footprint of completions(question, extents, prior)) {
          const least: number = found?.cost ?? bound;
          found = judged(question, columns, region, footprint, prior, worse, least) ?? found;
        }
    }
  }
  return found;
}

function outlineOf(columns: Columns, region: Uint8Array): Outline {
  const x: number[] = [];
  const y: number[] = [];
  for (let k = 0; k < columns.count; k++) {
    if (region[k] !== 1) continue;
    x.push(columns.x[k]!);
    y.push(columns.y[k]!);
  }
  return { x: Float64Array.from(x), y: Float64Array.from(y) };
}

/** The rectangles of one class and one yaw, with all sizes to try along both axes. */
function completions(question: HypothesisQuestion, extents: Extents, prior: ClassPrior): Footprint[] {
  const { scene, size } = question;
  const [along, across] = seenSpans(extents, scene.sensor);
  const lengths = size ? [size[0]] : plausibleSizes(along, prior.mean[0], prior.spread[0]);
  const widths = size ? [size[1]] : plausibleSizes(across, prior.mean[1], prior.spread[1]);
  const cos = Math.cos(extents.yaw);
  const sin = Math.sin(extents.yaw);
  return lengths.flatMap((length) =>
    widths.map((width) => {
      const [a0, a1] = spanOfSize(along, length);
      const [c0, c1] = spanOfSize(across, width);
      const a = (a0 + a1) / 2;
      const c = (c0 + c1) / 2;
      return { x: a * cos - c * sin, y: a * sin + c * cos, length, width, yaw: extents.yaw };
    }),
  );
}

/** The spans with the direction to the scanner along each axis. */
function seenSpans(extents: Extents, sensor: Vec3 | null): [SeenSpan, SeenSpan] {
  const [a0, a1] = extents.along;
  const [c0, c1] = extents.across;
  let facing: Vec2 = [0, 0];
  if (sensor) {
    const cos = Math.cos(extents.yaw);
    const sin = Math.sin(extents.yaw);
    const u = sensor[0] * cos + sensor[1] * sin - (a0 + a1) / 2;
    const v = sensor[1] * cos - sensor[0] * sin - (c0 + c1) / 2;
    const far = Math.hypot(u, v) || 1;
    facing = [u / far, v / far];
  }
  return [
    { low: a0, high: a1, facing: facing[0] },
    { low: c0, high: c1, facing: facing[1] },
  ];
}

/** The hypothesis with its cost; null if it costs `bound` or more. Evaluates cheap evidence first. */
function judged(
  question: HypothesisQuestion,
  columns: Columns,
  region: Uint8Array,
  footprint: Footprint,
  prior: ClassPrior,
  worse: number,
  bound: number,
): Hypothesis | null {
  const { scene } = question;
  const eye: Vec2 | null = scene.sensor ? [scene.sensor[0], scene.sensor[1]] : null;
  const fixed = question.size !== null;
  let cost =
    worse -
    Math.log(prior.share) +
    densityCost(prior) +
    sizeCost(footprint.length, prior, 0, fixed) +
    sizeCost(footprint.width, prior, 1, fixed) +
    COST.click * missedClicks(question, footprint);
  if (cost - COST.inside * Math.log(Math.max(1, columns.count)) >= bound) return null;

  const evidence = weigh(columns, region, footprint, question.shade);
  const seen = Math.max(1, evidence.inside);
  const range = eye ? Math.hypot(eye[0] - footprint.x, eye[1] - footprint.y) : null;
  const likely = likelyHeight(evidence.top, prior, range);
  const height = question.size?.[2] ?? fullHeight(likely, prior);
  cost +=
    Math.min(MAX_HEIGHT_COST, sizeCost(likely, prior, 2, fixed)) -
    COST.inside * Math.log(seen) +
    COST.foreign * (evidence.foreign / seen) +
    COST.ring * (evidence.ring / (seen + evidence.ring)) +
    COST.left * (evidence.left / (seen + evidence.left)) +
    COST.bare * evidence.bare;
  if (cost >= bound) return null;

  const bottom = groundHeight(scene.plane, footprint.x, footprint.y);
  const through = question.rays ? raysThrough(question.rays, footprint, bottom, height) : 0;
  const pierced = through / (through + seen);
  cost += COST.pierced * pierced;
  if (cost >= bound) return null;
  const box: Box = {
    center: [footprint.x, footprint.y, bottom + height / 2],
    size: [footprint.length, footprint.width, height],
    yaw: footprint.yaw,
  };
  return { ...evidence, box, class: prior.class, pierced, cost };
}

/** Half the squared distance from the mean, in standard deviations. */
function sizeCost(size: number, prior: ClassPrior, axis: 0 | 1 | 2, fixed: boolean): number {
  const distance = (size - prior.mean[axis]) ** 2 / prior.spread[axis] ** 2 / 2;
  // A size that the annotator chose is right: it only tells the classes apart.
  return fixed ? Math.min(distance, 3) : distance;
}

/**
 * Normalising constant of the size's density, relative to the mean: a class with widely spread sizes explains
 * each of them less.
 */
function densityCost(prior: ClassPrior): number {
  return prior.spread.reduce((sum, spread, k) => sum + Math.log(spread / prior.mean[k]!), 0);
}

/** Number of clicks on the object that lie outside of the box, and of clicks beside it that lie inside. */
function missedClicks(question: HypothesisQuestion, box: Footprint): number {
  const cos = Math.cos(box.yaw);
  const sin = Math.sin(box.yaw);
  let missed = 0;
  for (const click of question.clicks) {
    const dx = click.position[0] - box.x;
    const dy = click.position[1] - box.y;
    const beyond = Math.max(
      Math.abs(dx * cos + dy * sin) - box.length / 2,
      Math.abs(dy * cos - dx * sin) - box.width / 2,
    );
    if (click.inside ? beyond > 0.2 : beyond < 0) missed++;
  }
  return missed;
}
