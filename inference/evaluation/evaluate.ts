/** Gives the same hints to several predictors and compares each answer with the human box. */
import type { Box } from '../boxes/index.ts';
import { type LabelGroup, labelGroup } from '../classes/index.ts';
import { type LabelledFrame, type LabelledObject, offsetsInside, readFramePoints } from '../frames/index.ts';
import { type Comparison, compareBoxes } from './comparison.ts';
import { drawQuestion, type HintKind, type HintQuestion } from './hints.ts';
import { type Oracles, oracles } from './oracles.ts';

/** What a predictor answered: a box, or why there is none. */
type EvaluatedPrediction =
  | {
      readonly box: Box;
      readonly score: number;
      readonly rawScore?: number | undefined;
      readonly nearPoints?: number | undefined;
      readonly method: string;
      readonly class?: string;
    }
  | { readonly error: string };

export interface EvaluationPredictor {
  readonly name: string;
  predict(
    frame: LabelledFrame,
    question: HintQuestion,
    signal?: AbortSignal,
  ): Promise<EvaluatedPrediction> | EvaluatedPrediction;
}

export interface EvaluationOptions {
  /** Which objects count. Default: car. */
  readonly groups: readonly LabelGroup[];
  /** Default: click. */
  readonly hints: readonly HintKind[];
  /** Hints of each kind at each object. Default: 3. */
  readonly seeds: number;
  /** Objects with fewer points are left out. Default: 20 for vehicles, 10 for pedestrians and cyclists. */
  readonly minPoints: Readonly<Record<LabelGroup, number>>;
  /** Objects farther from x = y = 0 than this are left out, metres. Default: 70. */
  readonly maxRange: number;
  /** A click lies up to this far from the point, in each axis, metres. Default: 0.05. */
  readonly jitter: number;
}

const EVALUATION_DEFAULTS: EvaluationOptions = {
  groups: ['car'],
  hints: ['click'],
  seeds: 3,
  minPoints: { car: 20, van: 20, truck: 20, pedestrian: 10, cyclist: 10, other: 20 },
  maxRange: 70,
  jitter: 0.05,
};

/** One hint, given to one predictor. */
export interface EvaluationRow {
  readonly predictor: string;
  readonly frame: string;
  /** Equal for all rows about one physical object, where the data set has object ids. */
  readonly object: string;
  readonly source: string;
  readonly group: LabelGroup;
  readonly hint: HintKind;
  readonly seed: number;
  /** Points inside the true box. */
  readonly numPoints: number;
  /** Distance from x = y = 0, metres. */
  readonly range: number;
  readonly milliseconds: number;
  /** Null if no box was answered; `error` says why. */
  readonly answer: AnsweredRow | null;
  readonly error: string | null;
}

export interface AnsweredRow extends Comparison {
  readonly box: Box;
  readonly score: number;
  /** The score before calibration; null if it was not calibrated. */
  readonly rawScore: number | null;
  /** Number of points near the hint; null if the network did not answer. */
  readonly nearPoints: number | null;
  readonly method: string;
  readonly class: string | null;
  readonly oracles: Oracles;
}

export interface EvaluationProgress {
  readonly frame: number;
  readonly frames: number;
  readonly rows: number;
}

/**
 * Asks every predictor about every object of every frame, one question at a time, so that the times are those
 * of a single user. An error of a predictor counts as no answer, unless `signal` has aborted.
 */
export async function evaluateFrames(
  frames: readonly LabelledFrame[],
  predictors: readonly EvaluationPredictor[],
  options: Partial<EvaluationOptions> = {},
  onProgress: (progress: EvaluationProgress) => void = () => {},
  signal?: AbortSignal,
): Promise<EvaluationRow[]> {
  const chosen: EvaluationOptions = { ...EVALUATION_DEFAULTS, ...options };
  const rows: EvaluationRow[] = [];
  for (const [k, frame] of frames.entries()) {
    signal?.throwIfAborted();
    const objects = frame.objects.filter((object) => counts(object, chosen));
    if (objects.length > 0) {
      const points = await readFramePoints(frame);
      for (const object of objects)
        rows.push(...(await askAbout(frame, object, points, predictors, chosen, signal)));
    }
    onProgress({ frame: k + 1, frames: frames.length, rows: rows.length });
  }
  return rows;
}

function counts(object: LabelledObject, options: EvaluationOptions): boolean {
  const group = labelGroup(object.class);
  if (!options.groups.includes(group)) return false;
  if (object.numPoints !== null && object.numPoints < options.minPoints[group]) return false;
  return Math.hypot(object.center[0], object.center[1]) <= options.maxRange;
}

async function askAbout(
  frame: LabelledFrame,
  object: LabelledObject,
  points: Float32Array,
  predictors: readonly EvaluationPredictor[],
  options: EvaluationOptions,
  signal: AbortSignal | undefined,
): Promise<EvaluationRow[]> {
  const inside = offsetsInside(points, object);
  const numPoints = object.numPoints ?? inside.length;
  const group = labelGroup(object.class);
  const index = frame.objects.indexOf(object);
  // Nobody can click an object without points.
  if (numPoints < options.minPoints[group] || inside.length === 0) return [];
  const rows: EvaluationRow[] = [];
  for (const hint of options.hints)
    for (let seed = 1; seed <= options.seeds; seed++) {
      const draw = { frameId: frame.id, index, numPoints, seed, jitter: options.jitter };
      const question = drawQuestion(hint, points, inside, object, draw, frame.sensor);
      for (const predictor of predictors) {
        signal?.throwIfAborted();
        const start = performance.now();
        const prediction = await ask(predictor, frame, question, signal);
        rows.push({
          predictor: predictor.name,
          frame: frame.id,
          object: `${frame.scene}/${object.id ?? `${frame.id}#${index}`}`,
          source: frame.source,
          group,
          hint,
          seed,
          numPoints,
          range: Math.hypot(object.center[0], object.center[1]),
          milliseconds: performance.now() - start,
          ...judged(prediction, object),
        });
      }
    }
  return rows;
}

async function ask(
  predictor: EvaluationPredictor,
  frame: LabelledFrame,
  question: HintQuestion,
  signal: AbortSignal | undefined,
): Promise<EvaluatedPrediction> {
  try {
    return await predictor.predict(frame, question, signal);
  } catch (error) {
    signal?.throwIfAborted();
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function judged(prediction: EvaluatedPrediction, truth: Box): Pick<EvaluationRow, 'answer' | 'error'> {
  if ('error' in prediction) return { answer: null, error: prediction.error };
  const { box, score, method } = prediction;
  return {
    answer: {
      ...compareBoxes(box, truth),
      box,
      score,
      rawScore: prediction.rawScore ?? null,
      nearPoints: prediction.nearPoints ?? null,
      method,
      class: prediction.class ?? null,
      oracles: oracles(box, truth),
    },
    error: null,
  };
}
