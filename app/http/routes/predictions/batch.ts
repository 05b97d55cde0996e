/** Many questions about one cloud: each has its own answer or problem, in order. */
import { Limiter } from '../../../../cache/index.ts';
import type { Predictor } from '../../../../inference/index.ts';
import { batchAnswerSchema, batchSchema, EXAMPLE_CLICK, type PredictionBody } from '../../../api/index.ts';
import type { Lifecycle } from '../../../lifecycle/index.ts';
import type { ModelChoice } from '../../../models/index.ts';
import type { Log } from '../../../observability/index.ts';
import { problemBody, toNearboxError } from '../../answers/index.ts';
import type { Metrics } from '../../metrics/index.ts';
import { requireReady } from '../../middleware/index.ts';
import { ClientGone, jsonBody } from '../../requests/index.ts';
import type { RequestScope, Route } from '../../route/index.ts';
import { spendOnRegions } from '../region-price.ts';
import { modelFor, predictionAnswer, toQuestion } from './prediction-answer.ts';
import { PREDICTION_COST } from './predictions.ts';

/** Questions of one batch that are worked on at once, so that single clicks find room between them. */
const AT_ONCE = 4;

export interface BatchOptions {
  readonly predictor: Pick<Predictor, 'predict'>;
  readonly models: ModelChoice;
  readonly lifecycle: Lifecycle;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly maxBodyBytes: number;
}

export function batchRoutes(options: BatchOptions): Route[] {
  return [
    {
      method: 'POST',
      path: '/v1/predictions/batch',
      access: 'clouds',
      cost: PREDICTION_COST,
      handler: async (c, scope) => {
        const { cloud, items } = await jsonBody(c, batchSchema, options.maxBodyBytes, scope);
        scope.access.require(cloud);
        await scope.quota.spend(PREDICTION_COST * (items.length - 1));
        const regions = items.map(({ region }) => region);
        await spendOnRegions(scope.quota, regions, PREDICTION_COST);
        requireReady(options.lifecycle);
        const turns = new Limiter(AT_ONCE);
        const results = await Promise.all(
          items.map((item) =>
            turns
              .run(() => answerOne({ cloud, ...item }, options, scope), scope.signal)
              .catch((error: unknown) => problemOf(error, options, scope)),
          ),
        );
        return c.json({ results }, 200, { 'cache-control': 'no-store' });
      },
      operations: [
        {
          path: '/v1/predictions/batch',
          id: 'predictBatch',
          summary: 'The boxes of many objects of one cloud',
          tag: 'predictions',
          headers: ['Nearbox-Cloud'],
          body: batchSchema,
          example: { cloud: '000000', items: [{ region: EXAMPLE_CLICK }] },
          answers: {
            200: {
              description: 'A prediction or a problem for each item, in order',
              content: batchAnswerSchema,
            },
          },
          errors: ['invalid_request', 'body_too_large', 'unsupported_media_type', 'overloaded'],
        },
      ],
    },
  ];
}

async function answerOne(question: PredictionBody, { predictor, models }: BatchOptions, scope: RequestScope) {
  const began = performance.now();
  const prediction = await predictor.predict(toQuestion(question, scope, modelFor(question, models, scope)));
  return predictionAnswer(prediction, performance.now() - began);
}

/** @throws ClientGone if the client has disconnected */
function problemOf(thrown: unknown, { log, metrics }: BatchOptions, { id }: RequestScope) {
  if (thrown instanceof ClientGone) throw thrown;
  const error = toNearboxError(thrown);
  metrics.countError(error.code);
  if (error.code === 'internal') log.error('an item of a batch failed', { requestId: id, error: thrown });
  return problemBody(error, id);
}
