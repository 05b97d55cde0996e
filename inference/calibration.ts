/**
 * The network's score made the 3D IoU to expect: for each kind of hint a rising line through a few points, fitted on simulated scans that the network was not
 * trained on (`bench/calibrate.ts`). It belongs to the weights that it was fitted for; of others, scores stay as the network gives them.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Hint } from './types.ts';

/** Hints that are calibrated apart: a lasso from above has an outline, one on the screen does not. */
export const CALIBRATED_HINTS = ['click', 'sphere', 'box', 'lasso', 'screen-lasso'] as const;

export type CalibratedHint = (typeof CALIBRATED_HINTS)[number];

/** Points (score of the network, mean 3D IoU reached), both rising. */
export type Curve = readonly (readonly [score: number, iou: number])[];

const curve = z.array(z.tuple([z.number(), z.number()])).min(1);
const calibrationSchema = z.looseObject({
  /** sha256 of the weights. */
  weights: z.object({ propose: z.string(), refine: z.string() }),
  curves: z.object({
    click: curve,
    sphere: curve,
    box: curve,
    lasso: curve,
    'screen-lasso': curve,
  }),
});

export type Calibration = z.infer<typeof calibrationSchema>;

export const CALIBRATION_FILE = new URL('./calibration.json', import.meta.url);

/** The stored calibration, or null if it was fitted for other weights than these. */
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
 * A rising curve through (score, IoU) pairs: means of equally filled bins, pooled where they would fall (isotonic regression by pooling
 * adjacent violators; Ayer et al., 1955).
 */
export function fitCurve(pairs: readonly (readonly [score: number, iou: number])[], bins = 12): Curve {
  const sorted = [...pairs].sort((a, b) => a[0] - b[0]);
  const blocks: { x: number; y: number; n: number }[] = [];
  for (let k = 0; k < bins; k++) {
    const part = sorted.slice(
      Math.floor((k * sorted.length) / bins),
      Math.floor(((k + 1) * sorted.length) / bins),
    );
    if (part.length === 0) continue;
    const mean = (at: 0 | 1) => part.reduce((sum, pair) => sum + pair[at], 0) / part.length;
    blocks.push({ x: mean(0), y: mean(1), n: part.length });
    while (blocks.length > 1 && blocks[blocks.length - 2]!.y >= blocks[blocks.length - 1]!.y) {
      const b = blocks.pop()!;
      const a = blocks.pop()!;
      const n = a.n + b.n;
      blocks.push({ x: (a.x * a.n + b.x * b.n) / n, y: (a.y * a.n + b.y * b.n) / n, n });
    }
  }
  return blocks.map(({ x, y }) => [Number(x.toFixed(4)), Number(y.toFixed(4))] as const);
}
