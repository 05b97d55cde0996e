/** Figures over many rows. */
import { mulberry32 } from '../../cache/foundation/index.ts';
import type { Vec3 } from '../boxes/index.ts';
import type { AnsweredRow, EvaluationRow } from './evaluate.ts';
import type { ORACLE_NAMES } from './oracles.ts';

type OracleName = (typeof ORACLE_NAMES)[number];

/** A figure and its 95 % interval over distinct objects: rows about one object are not independent. */
export interface Estimate {
  readonly value: number;
  readonly interval: readonly [number, number];
}

/**
 * Overlaps and shares are over all rows; a missing answer counts as overlap 0. Errors are over the answered
 * rows, null if there are none. Errors of sizes and heights are medians: the signed ones show a bias, the
 * absolute ones the usual error.
 */
export interface Summary {
  readonly rows: number;
  readonly objects: number;
  readonly answered: number;
  /** Mean 3D and BEV intersection over union. */
  readonly iou: Estimate;
  readonly bev: number;
  /** Share of the rows at 3D intersection over union of at least .5, .7, .8. */
  readonly at50: number;
  readonly at70: Estimate;
  readonly at80: number;
  /** Share of boxes whose faces are all within 10 cm: they need no edit. */
  readonly noEdit: number;
  /**
   * Median and 90th percentile of the yaw error modulo 180 degrees, radians; share of boxes that point
   * backwards.
   */
  readonly yawError: number | null;
  readonly yawError90: number | null;
  readonly flipped: number | null;
  /** Median distance of the centres from above, metres. */
  readonly centerError: number | null;
  /** Medians of answer minus truth, metres. */
  readonly zBias: number | null;
  readonly bottomBias: number | null;
  readonly topBias: number | null;
  readonly sizeBias: Vec3 | null;
  /** Medians of the absolute differences, metres. */
  readonly zError: number | null;
  readonly sizeError: Vec3 | null;
  /** Mean absolute difference of score and 3D intersection over union. */
  readonly scoreError: number | null;
  readonly meanScore: number | null;
  /** Mean 3D IoU if one part of the answers were right; share of answers that found another object. */
  readonly oracles: Readonly<Record<OracleName, number>> | null;
  readonly other: number | null;
  /** Median milliseconds of an answer. */
  readonly milliseconds: number | null;
}

/** A box needs no edit if all faces are within this distance, metres. */
const NO_EDIT = 0.1;
const DRAWS = 400;

export function summarise(rows: readonly EvaluationRow[]): Summary {
  const answers = rows.flatMap((row) => (row.answer ? [row.answer] : []));
  const iou = (row: EvaluationRow) => row.answer?.iou ?? 0;
  const share = (test: (row: EvaluationRow) => boolean) => mean(rows.map((row) => (test(row) ? 1 : 0)));
  const middle = (value: (answer: AnsweredRow) => number) => quantile(answers.map(value), 0.5);
  const sizes = (value: (difference: number) => number): Vec3 | null => {
    const [l, w, h] = [0, 1, 2].map((k) => middle((answer) => value(answer.sizeError[k]!)));
    return l == null || w == null || h == null ? null : [l, w, h];
  };
  return {
    rows: rows.length,
    objects: new Set(rows.map((row) => row.object)).size,
    answered: share((row) => row.answer !== null),
    iou: estimate(rows, iou),
    bev: mean(rows.map((row) => row.answer?.bev ?? 0)),
    at50: share((row) => iou(row) >= 0.5),
    at70: estimate(rows, (row) => (iou(row) >= 0.7 ? 1 : 0)),
    at80: share((row) => iou(row) >= 0.8),
    noEdit: share((row) => row.answer !== null && row.answer.faceError <= NO_EDIT),
    yawError: middle((answer) => answer.yawError),
    yawError90: quantile(
      answers.map((answer) => answer.yawError),
      0.9,
    ),
    flipped: answers.length > 0 ? mean(answers.map((answer) => (answer.flipped ? 1 : 0))) : null,
    centerError: middle((answer) => answer.centerError),
    zBias: middle((answer) => answer.zError),
    bottomBias: middle((answer) => answer.bottomError),
    topBias: middle((answer) => answer.topError),
    sizeBias: sizes((difference) => difference),
    zError: middle((answer) => Math.abs(answer.zError)),
    sizeError: sizes(Math.abs),
    scoreError:
      answers.length > 0 ? mean(answers.map((answer) => Math.abs(answer.score - answer.iou))) : null,
    meanScore: answers.length > 0 ? mean(answers.map(({ score }) => score)) : null,
    oracles: answers.length > 0 ? meanOracles(answers) : null,
    other: answers.length > 0 ? mean(answers.map(({ oracles }) => (oracles.isOther ? 1 : 0))) : null,
    milliseconds: quantile(
      rows.map((row) => row.milliseconds),
      0.5,
    ),
  };
}

function meanOracles(answers: readonly AnsweredRow[]): Record<OracleName, number> {
  const of = (name: OracleName) => mean(answers.map(({ oracles }) => oracles[name]));
  return { height: of('height'), ends: of('ends'), sides: of('sides'), yaw: of('yaw') };
}

/** Bootstrap, percentile method: draws objects with replacement, each with all its rows. Deterministic. */
export function estimate(rows: readonly EvaluationRow[], value: (row: EvaluationRow) => number): Estimate {
  const objects = new Map<string, { sum: number; count: number }>();
  for (const row of rows) {
    const of = objects.get(row.object) ?? { sum: 0, count: 0 };
    of.sum += value(row);
    of.count++;
    objects.set(row.object, of);
  }
  const all = [...objects.values()];
  const random = mulberry32(1);
  const draws = Array.from({ length: DRAWS }, () => {
    let sum = 0;
    let count = 0;
    for (let k = 0; k < all.length; k++) {
      const drawn = all[Math.floor(random() * all.length)]!;
      sum += drawn.sum;
      count += drawn.count;
    }
    return sum / Math.max(1, count);
  }).sort((a, b) => a - b);
  return { value: mean(rows.map(value)), interval: [draws[DRAWS * 0.025 - 1]!, draws[DRAWS * 0.975 - 1]!] };
}

function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / Math.max(1, values.length);
}

function quantile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
}
