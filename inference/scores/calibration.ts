/**
 * Turns the network's score into the 3D IoU to expect. For each kind of hint, a rising curve maps the score
 * to an IoU, and a second curve lowers it where few points stand at the hint: the network scores such objects
 * too well, because its training had none with fewer than four points. Both are fitted to simulated scans
 * outside of the training (`bench/accuracy/calibrate.ts`) and belong to one set of weights; the scores of
 * other weights stay as they are.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { ObjectClass } from '../classes/index.ts';
import type { Hint } from '../fit/index.ts';

/**
 * Kinds of hints with a curve of their own. A lasso from above has an outline, one on the screen has none.
 */
export const CALIBRATED_HINTS = ['click', 'sphere', 'box', 'lasso', 'screen-lasso'] as const;

export type CalibratedHint = (typeof CALIBRATED_HINTS)[number];

/**
 * A piecewise linear curve: (score of the network, mean 3D IoU), or (points near the hint, share of that
 * IoU). `from` rises, `to` never falls.
 */
export type Curve = readonly (readonly [from: number, to: number])[];

const curve = z.array(z.tuple([z.number(), z.number()])).min(1);
const curveOfHint = z.object({
  click: curve,
  sphere: curve,
  box: curve,
  lasso: curve,
  'screen-lasso': curve,
});
const calibrationSchema = z.looseObject({
  /** sha256 of the weights. */
  weights: z.object({ propose: z.string(), refine: z.string() }),
  curves: curveOfHint,
  shares: curveOfHint,
});

export type Calibration = z.infer<typeof calibrationSchema>;

/** The curves by kind of hint. */
export interface Expectation {
  /** From the network's score to the IoU. */
  readonly curves: Readonly<Record<CalibratedHint, Curve>>;
  /** From the number of points near the hint to the share of that IoU. */
  readonly shares: Readonly<Record<CalibratedHint, Curve>>;
}

export const CALIBRATION_FILE = new URL('./calibration.json', import.meta.url);

/** The stored calibration; null if it was fitted for other weights. */
export function readCalibration(
  weights: Calibration['weights'],
  file = CALIBRATION_FILE,
): Calibration | null {
  const stored = calibrationSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const isTheirs = stored.weights.propose === weights.propose && stored.weights.refine === weights.refine;
  return isTheirs ? stored : null;
}

export function calibratedHint(hint: Hint): CalibratedHint {
  if (hint.type !== 'lasso') return hint.type;
  return hint.outline === null ? 'screen-lasso' : 'lasso';
}

/** The 3D IoU to expect on a simulated scan, 0..1. @param nearPoints number of points near the hint */
export function expectedIou(
  { curves, shares }: Expectation,
  hint: CalibratedHint,
  score: number,
  nearPoints: number,
): number {
  return Math.min(1, onCurve(curves[hint], score) * onCurve(shares[hint], nearPoints));
}

/**
 * Real scans reach this share of what simulated ones do at the same score. On each of the four development
 * sets the scores were too high; the share is half of what leaving one set out says, so that it gains on
 * every set (docs/accuracy.md).
 */
const REAL_SHARE = 0.96;

/**
 * Kinds of objects that reach clearly less, by the class of the answer: projects draw people in very
 * different ways, and of large vehicles the scanner sees one end. The mean over the sets, which predicts a
 * set that is left out better than half of it or `REAL_SHARE` (`bench/accuracy/scores/score-shares.ts`).
 */
const REAL_SHARE_OF_CLASS: Partial<Record<ObjectClass, number>> = {
  pedestrian: 0.73,
  van: 0.9,
  truck: 0.9,
  bus: 0.9,
  pickup: 0.9,
};

/**
 * The 3D IoU to expect on a real scan: `expectedIou` is fitted to simulated ones.
 * @param found the class of the answer
 */
export function expectedRealIou(found: ObjectClass, ...args: Parameters<typeof expectedIou>): number {
  return (REAL_SHARE_OF_CLASS[found] ?? REAL_SHARE) * expectedIou(...args);
}

/** The curve at a score; straight between its points, level beyond them. */
export function onCurve(points: Curve, score: number): number {
  const [first] = points;
  if (!first || score <= first[0]) return first?.[1] ?? score;
  for (let i = 1; i < points.length; i++) {
    const [x0, y0] = points[i - 1]!;
    const [x1, y1] = points[i]!;
    if (score <= x1) return y0 + ((y1 - y0) * (score - x0)) / (x1 - x0);
  }
  return points[points.length - 1]![1];
}

/**
 * A rising curve through (score, IoU) pairs: means of equally filled bins, pooled where they would fall
 * (isotonic regression by pooling adjacent violators; Ayer et al., 1955).
 */
export function fitCurve(pairs: readonly (readonly [score: number, iou: number])[], bins = 12): Curve {
  const sorted = [...pairs].sort((a, b) => a[0] - b[0]);
  const parts = Array.from({ length: bins }, (_, k) =>
    sorted.slice(Math.floor((k * sorted.length) / bins), Math.floor(((k + 1) * sorted.length) / bins)),
  );
  const blocks = rising(
    parts.filter((part) => part.length > 0).map((part) => [mean(part, 0), mean(part, 1), part.length]),
  );
  return rounded(blocks.map(({ x, y }) => [x, y]));
}

/** Lowest numbers of points of the bands in which shares are fitted. */
const POINT_BANDS = [0, 2, 3, 4, 5, 7, 10, 15, 25, 50, 100];

/**
 * A curve that never falls, through (points where the hint points, what was reached as a share of what was
 * expected), from (points, expected, reached) triples.
 */
export function fitShares(
  rows: readonly (readonly [points: number, expected: number, iou: number])[],
): Curve {
  const parts = POINT_BANDS.map((from, k) =>
    rows.filter(([points]) => points >= from && points < (POINT_BANDS[k + 1] ?? Number.POSITIVE_INFINITY)),
  );
  const blocks = rising(
    parts
      .filter((part) => part.length > 0)
      .map((part) => [mean(part, 0), mean(part, 2) / Math.max(1e-6, mean(part, 1)), part.length]),
  );
  // Bands are wide: a share holds from the first to the last of those that were pooled.
  return rounded(
    blocks.flatMap(({ first, last, y }) =>
      first === last
        ? [[first, y] as const]
        : [
            [first, y],
            [last, y],
          ],
    ),
  );
}

function mean(rows: readonly (readonly number[])[], at: number): number {
  return rows.reduce((sum, row) => sum + row[at]!, 0) / rows.length;
}

interface Block {
  readonly first: number;
  readonly last: number;
  readonly x: number;
  readonly y: number;
  readonly weight: number;
}

/** Pools neighbours until the second number rises with the first; the third is how much each weighs. */
function rising(points: readonly (readonly [x: number, y: number, weight: number])[]): Block[] {
  const blocks: Block[] = [];
  for (const [x, y, weight] of points) {
    let block: Block = { first: x, last: x, x, y, weight };
    for (let before = blocks.at(-1); before !== undefined && before.y >= block.y; before = blocks.at(-1)) {
      blocks.pop();
      const both = before.weight + block.weight;
      const pooled = (a: number, b: number) => (a * before.weight + b * block.weight) / both;
      block = {
        first: before.first,
        last: block.last,
        x: pooled(before.x, block.x),
        y: pooled(before.y, block.y),
        weight: both,
      };
    }
    blocks.push(block);
  }
  return blocks;
}

function rounded(points: readonly (readonly [number, number])[]): Curve {
  return points.map(([x, y]) => [Number(x.toFixed(4)), Number(y.toFixed(4))] as const);
}
