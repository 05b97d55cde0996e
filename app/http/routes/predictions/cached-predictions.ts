/**
 * `GET /v1/predictions`: the same request as a URL, so that caches can keep the answer and revalidate it
 * without inference.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Predictor } from '../../../../inference/index.ts';
import type { PredictionBody } from '../../../api/index.ts';
import { boxAnswerSchema, openLabelSchema, predictionQuerySchema } from '../../../api/index.ts';
import type { Clouds } from '../../../clouds/index.ts';
import type { Lifecycle } from '../../../lifecycle/index.ts';
import type { ModelChoice } from '../../../models/index.ts';
import { isNoneMatch, SHORT_LIVED } from '../../answers/index.ts';
import { openLabelText } from '../../converters/index.ts';
import { requireReady } from '../../middleware/index.ts';
import { parseWith } from '../../requests/index.ts';
import type { Route } from '../../route/index.ts';
import { modelFor, predictionAnswer, serverTiming, toQuestion } from './prediction-answer.ts';
import { JSON_TYPE, PREDICTION_COST, PREDICTION_ERRORS } from './predictions.ts';

export interface CachedPredictionOptions {
  readonly predictor: Pick<Predictor, 'predict'>;
  readonly reader: Pick<Clouds, 'cloud'>;
  readonly lifecycle: Lifecycle;
  readonly models: ModelChoice;
  /** Version of the label profile of a name, null if there is none. Default: there are none. */
  readonly profileVersion?: ((name: string) => string | null) | undefined;
}

export function cachedPredictionRoutes(options: CachedPredictionOptions): Route[] {
  const { predictor, reader, lifecycle, models, profileVersion = () => null } = options;
  const profileOf = ({ profile }: PredictionBody) =>
    typeof profile === 'string' ? profileVersion(profile) : null;
  return [
    {
      method: 'GET',
      path: '/v1/predictions',
      access: 'clouds',
      cost: PREDICTION_COST,
      handler: async (c, scope) => {
        const { at, format, ...rest } = parseWith(predictionQuerySchema, c.req.query(), 'the query');
        scope.access.require(rest.cloud);
        const question: PredictionBody = { ...rest, region: { type: 'click', position: at } };
        const ifNoneMatch = c.req.header('if-none-match');
        const model = modelFor(question, models, scope);
        // An unknown profile or model has no tag; the predictor says what is wrong.
        const isKnown = models.has(model) && (question.profile === undefined || profileOf(question) !== null);
        if (ifNoneMatch !== undefined && isKnown) {
          const { version } = await reader.cloud(question.cloud, { signal: scope.signal });
          const etag = etagOf(question, format, version, model, profileOf(question));
          if (isNoneMatch(ifNoneMatch, etag))
            return c.body(null, 304, { etag, 'cache-control': SHORT_LIVED });
        }
        requireReady(lifecycle);
        const prediction = await predictor.predict(toQuestion(question, scope, model));
        const answer = predictionAnswer(prediction, performance.now() - scope.startedAt);
        const { id, cost, timings, ...body } = answer;
        const headers = {
          'server-timing': serverTiming({ timings }),
          'nearbox-prediction-id': id,
          // A dictionary (RFC 9651, 3.2).
          'nearbox-cost': Object.entries(cost)
            .map(([name, count]) => `${name}=${count}`)
            .join(', '),
        };
        const etag = etagOf(
          question,
          format,
          prediction.cloud.version,
          prediction.model.version,
          profileOf(question),
        );
        // The tag belongs to answers of the network, not of the fallback fit.
        const caching =
          prediction.fallback === undefined
            ? { etag, 'cache-control': SHORT_LIVED }
            : { 'cache-control': 'no-store' };
        // The same request has the same body, so the id of this answer is not in it.
        const text = format === 'json' ? JSON.stringify(body) : openLabelText(prediction, '0');
        return c.body(text, 200, { ...headers, ...caching, 'content-type': JSON_TYPE });
      },
      operations: [
        {
          path: '/v1/predictions',
          id: 'predictByUrl',
          summary: 'The box of the object at a click, as a cacheable URL',
          tag: 'predictions',
          query: predictionQuerySchema,
          headers: ['If-None-Match'],
          answers: {
            200: {
              description:
                'The box; id, cost and timings are in headers. No ETag if the geometric fit answered',
              content: z.union([boxAnswerSchema, openLabelSchema]),
              headers: ['Cache-Control', 'Server-Timing', 'Nearbox-Prediction-Id', 'Nearbox-Cost'],
            },
            304: { description: 'The caller has this answer', headers: ['ETag', 'Cache-Control'] },
          },
          errors: PREDICTION_ERRORS.filter(
            (code) => code !== 'body_too_large' && code !== 'unsupported_media_type',
          ),
        },
      ],
    },
  ];
}

/** A tag of the request with its profile, and of the versions of cloud and network that answer it. */
function etagOf(
  question: PredictionBody,
  format: string,
  cloudVersion: string,
  modelVersion: string,
  profileVersion: string | null,
): string {
  const { cloud, region, class: chosen, size, sensor, profile, model } = question;
  const text = JSON.stringify([
    [cloud, region, chosen ?? null, size ?? null, profile ?? null, model ?? null],
    sensor === undefined ? 'of the cloud' : sensor,
    format,
    cloudVersion,
    modelVersion,
    profileVersion,
  ]);
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
}
