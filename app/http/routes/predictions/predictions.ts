/** `POST /v1/predictions`: the box of the object in a region. */
import { z } from 'zod';
import type { ErrorCode } from '../../../../cache/index.ts';
import type { Predictor } from '../../../../inference/index.ts';
import {
  EXAMPLE_CLICK,
  formatQuerySchema,
  openLabelSchema,
  predictionAnswerSchema,
  predictionSchema,
} from '../../../api/index.ts';
import type { Lifecycle } from '../../../lifecycle/index.ts';
import type { ModelChoice } from '../../../models/index.ts';
import { openLabelText } from '../../converters/index.ts';
import { requireReady } from '../../middleware/index.ts';
import { jsonBody, parseWith } from '../../requests/index.ts';
import type { Route } from '../../route/index.ts';
import { REGION_ERRORS } from '../region-errors.ts';
import { spendOnRegions } from '../region-price.ts';
import { modelFor, predictionAnswer, serverTiming, toQuestion } from './prediction-answer.ts';

export const JSON_TYPE = 'application/json';

export interface PredictionOptions {
  readonly predictor: Pick<Predictor, 'predict'>;
  readonly models: ModelChoice;
  readonly lifecycle: Lifecycle;
  readonly maxBodyBytes: number;
}

/** Points of the rate limit that a box costs. */
export const PREDICTION_COST = 10;

/** The errors of a prediction, by body or by URL. */
export const PREDICTION_ERRORS: readonly ErrorCode[] = [...REGION_ERRORS, 'region_empty'];

export function predictionRoutes({ predictor, models, lifecycle, maxBodyBytes }: PredictionOptions): Route[] {
  return [
    {
      method: 'POST',
      path: '/v1/predictions',
      access: 'clouds',
      cost: PREDICTION_COST,
      handler: async (c, scope) => {
        const { format } = parseWith(formatQuerySchema, c.req.query(), 'the query');
        const body = await jsonBody(c, predictionSchema, maxBodyBytes, scope);
        scope.access.require(body.cloud);
        await spendOnRegions(scope.quota, [body.region], PREDICTION_COST);
        requireReady(lifecycle);
        const prediction = await predictor.predict(toQuestion(body, scope, modelFor(body, models, scope)));
        const answer = predictionAnswer(prediction, performance.now() - scope.startedAt);
        const headers = { 'server-timing': serverTiming(answer), 'cache-control': 'no-store' };
        if (format === 'json') return c.json(answer, 200, headers);
        return c.body(openLabelText(prediction, answer.id), 200, { ...headers, 'content-type': JSON_TYPE });
      },
      operations: [
        {
          path: '/v1/predictions',
          id: 'predict',
          summary: 'The box of the object in a region',
          tag: 'predictions',
          query: formatQuerySchema,
          headers: ['Nearbox-Cloud'],
          body: predictionSchema,
          example: { cloud: '000000', region: EXAMPLE_CLICK },
          answers: {
            200: {
              description: 'The box',
              content: z.union([predictionAnswerSchema, openLabelSchema]),
              headers: ['Server-Timing'],
            },
          },
          errors: PREDICTION_ERRORS,
        },
      ],
    },
  ];
}
