/**
 * The routes as Hono's RPC client types them: of the schemas that requests are checked with and answers are
 * documented by.
 */
import type { Hono } from 'hono';
import type { BlankEnv } from 'hono/types';
import type { z } from 'zod';
import type {
  cloudPageSchema,
  cloudSchema,
  cropSchema,
  planAnswerSchema,
  planSchema,
  prefetchAnswerSchema,
  prefetchSchema,
} from './clouds.ts';
import type {
  batchAnswerSchema,
  batchSchema,
  boxAnswerSchema,
  formatQuerySchema,
  openLabelSchema,
  predictionAnswerSchema,
  predictionQuerySchema,
  predictionSchema,
} from './predictions.ts';
import type { Problem } from './problem.ts';
import type { trackSchema } from './tracks.ts';

type ProblemStatus =
  | 400
  | 401
  | 403
  | 404
  | 405
  | 409
  | 412
  | 413
  | 414
  | 415
  | 416
  | 422
  | 428
  | 429
  | 431
  | 500
  | 501
  | 502
  | 503
  | 504;

/** Of one method of one path: what goes in, and what comes out with which status; or else a problem. */
type Endpoint<In, Out, Status extends number = 200, Format extends string = 'json'> =
  | { input: In; output: Out; outputFormat: Format; status: Status }
  | { input: In; output: Problem; outputFormat: 'json'; status: ProblemStatus };

/** Bytes: read them with `arrayBuffer()`. */
type Bytes<In, Status extends number = 200> = Endpoint<In, ArrayBuffer, Status, 'body'>;

/** A cloud's id keeps its slashes; what else is in it goes through `inPath`. */
interface CloudParam {
  cloud: string;
}

export interface RpcSchema {
  '/v1/predictions': {
    $post: Endpoint<
      { json: z.input<typeof predictionSchema>; query?: z.input<typeof formatQuerySchema> },
      z.infer<typeof predictionAnswerSchema> | z.infer<typeof openLabelSchema>
    >;
    $get:
      | Endpoint<
          { query: z.input<typeof predictionQuerySchema> },
          z.infer<typeof boxAnswerSchema> | z.infer<typeof openLabelSchema>
        >
      | {
          input: { query: z.input<typeof predictionQuerySchema> };
          output: null;
          outputFormat: 'body';
          status: 304;
        };
  };
  '/v1/predictions/batch': {
    $post: Endpoint<{ json: z.input<typeof batchSchema> }, z.infer<typeof batchAnswerSchema>>;
  };
  '/v1/crops': { $post: Bytes<{ json: z.input<typeof cropSchema> }> };
  '/v1/plans': { $post: Endpoint<{ json: z.input<typeof planSchema> }, z.infer<typeof planAnswerSchema>> };
  '/v1/tracks': { $post: Bytes<{ json: z.input<typeof trackSchema> }> };
  '/v1/prefetch': {
    $post: Endpoint<{ json: z.input<typeof prefetchSchema> }, z.infer<typeof prefetchAnswerSchema>, 202>;
  };
  '/v1/clouds': {
    $get: Endpoint<{ query: { limit?: string; after?: string } }, z.infer<typeof cloudPageSchema>>;
  };
  '/v1/clouds/:cloud': { $get: Endpoint<{ param: CloudParam }, z.infer<typeof cloudSchema>> };
  '/tiles/:cloud/:file': { $get: Bytes<{ param: CloudParam & { file: string } }, 200 | 206> };
  '/tiles/:cloud': { $get: Bytes<{ param: CloudParam }, 200 | 206> };
  '/tiles/:version/:cloud/nodes/:key': {
    $get: Bytes<{ param: CloudParam & { version: `~${string}`; key: string } }, 200 | 206>;
  };
}

/** For `hc<AppType>(base)`. */
export type AppType = Hono<BlankEnv, { [Path in keyof RpcSchema]: RpcSchema[Path] }, '/'>;
