/**
 * Between the wire and the predictor: a request body becomes a question, a prediction becomes the contract's
 * answer.
 */
import { randomUUID } from 'node:crypto';
import type { Prediction, Question } from '../../../../inference/index.ts';
import { yawQuaternion } from '../../../../inference/index.ts';
import type { PredictionBody } from '../../../api/index.ts';
import type { ModelChoice } from '../../../models/index.ts';
import type { RequestScope } from '../../route/index.ts';

/**
 * The predictor's question for a checked body. `sensor`: left out and null mean different things, so both are
 * kept. `model` is the version that answers; by default the one that the body names.
 */
export function toQuestion(
  body: PredictionBody,
  scope: Pick<RequestScope, 'signal' | 'deadline'> & Partial<Pick<RequestScope, 'trace' | 'quota'>>,
  model: string | null = body.model ?? null,
): Question {
  return {
    cloud: body.cloud,
    region: body.region,
    class: body.class ?? null,
    size: body.size ?? null,
    sensor: body.sensor,
    profile: body.profile ?? null,
    keep: body.keep ?? [],
    previous: body.previous ?? [],
    pose: body.pose ?? null,
    timestamp: body.timestamp ?? null,
    others: body.boxes ?? [],
    alternatives: body.alternatives ?? 0,
    model,
    fallback: body.fallback,
    caller: scope.quota?.caller,
    signal: scope.signal,
    deadline: scope.deadline,
    onStage: scope.trace?.stages(),
  };
}

/** The version that answers this caller's question about the cloud. */
export function modelFor(
  { model, cloud }: Pick<PredictionBody, 'model' | 'cloud'>,
  models: ModelChoice,
  { access }: Pick<RequestScope, 'access'>,
): string {
  return models.versionFor({ model: model ?? null, caller: access.caller.name, cloud });
}

export type AnswerBody = ReturnType<typeof predictionAnswer>;

/** The answer's JSON. `totalMs` is measured by the caller, from the request's arrival. */
export function predictionAnswer(prediction: Prediction, totalMs: number) {
  const { box, timings } = prediction;
  return {
    id: randomUUID(),
    box,
    quaternion: yawQuaternion(box.yaw),
    class: prediction.class,
    score: prediction.score,
    method: prediction.method,
    ...(prediction.fallback === undefined ? {} : { fallback: prediction.fallback }),
    ...(prediction.sizeFrom === undefined ? {} : { sizeFrom: prediction.sizeFrom }),
    ...(prediction.truncated && { truncated: true as const }),
    points: prediction.points,
    ground: prediction.ground,
    cloud: prediction.cloud,
    model: prediction.model,
    cost: prediction.cost,
    timings: {
      totalMs: round(totalMs),
      resolveMs: round(timings.resolveMs),
      fetchMs: round(timings.fetchMs),
      decodeMs: round(timings.decodeMs),
      cropMs: round(timings.cropMs),
      queueMs: round(timings.queueMs),
      inferMs: round(timings.inferMs),
    },
    alternatives: prediction.alternatives.map((other) => ({
      box: other.box,
      quaternion: yawQuaternion(other.box.yaw),
      class: other.class,
      score: other.score,
    })),
  };
}

/** The same split as a Server-Timing header (https://www.w3.org/TR/server-timing/). */
export function serverTiming(answer: Pick<AnswerBody, 'timings'>): string {
  return Object.entries(answer.timings)
    .map(([name, ms]) => `${name.replace(/Ms$/, '')};dur=${ms}`)
    .join(', ');
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
