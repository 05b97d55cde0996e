/** The HTTP face of nearbox: routes, one scope a request, one place where errors become answers. */

import type { Context } from 'hono';
import { Hono } from 'hono';
import { NearboxError } from '../../cache/index.ts';
import type { Predictor } from '../../inference/index.ts';
import type { Lifecycle } from '../lifecycle.ts';
import type { Log } from '../log.ts';
import { jsonBody } from './body.ts';
import { predictionAnswer, serverTiming, toQuestion } from './prediction.ts';
import { problemResponse, toNearboxError } from './problem.ts';
import { ClientGone, openScope, type RequestScope, requestIdOf, timeoutMsOf } from './request-scope.ts';
import { predictionSchema } from './schemas.ts';

export interface AppOptions {
  readonly predictor: Predictor;
  readonly lifecycle: Lifecycle;
  readonly log: Log;
  readonly timeoutMs: number;
  readonly maxTimeoutMs: number;
  readonly maxBodyBytes: number;
}

type Handler = (c: Context, scope: RequestScope) => Promise<Response>;

interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly handler: Handler;
}

const STATUS_CLIENT_GONE = 499;

/** Routes of the contract that are not built yet: they answer 501 and say so. */
const NOT_BUILT: readonly (readonly ['GET' | 'POST', string])[] = [
  ['GET', '/v1/predictions'],
  ['POST', '/v1/predictions/batch'],
  ['POST', '/v1/crops'],
  ['GET', '/v1/clouds'],
  ['GET', '/v1/clouds/*'],
  ['GET', '/tiles/*'],
  ['POST', '/v1/prefetch'],
  ['POST', '/v1/tracks'],
  ['POST', '/v1/feedback'],
  ['GET', '/openapi.json'],
  ['GET', '/docs'],
  ['GET', '/metrics'],
  ['GET', '/'],
];

/** The application, testable without a socket by `app.request(...)`. */
export function createApp(options: AppOptions): Hono {
  const app = new Hono();
  const routes: Route[] = [
    { method: 'GET', path: '/healthz', handler: async (c) => c.json({ status: 'ok' }) },
    {
      method: 'GET',
      path: '/readyz',
      handler: async (c) => {
        requireReady(options.lifecycle);
        return c.json({ status: 'ready' });
      },
    },
    {
      method: 'POST',
      path: '/v1/predictions',
      handler: async (c, scope) => {
        const body = await jsonBody(c, predictionSchema, options.maxBodyBytes);
        requireReady(options.lifecycle);
        const prediction = await options.predictor.predict(toQuestion(body, scope));
        const answer = predictionAnswer(prediction, performance.now() - scope.startedAt);
        return c.json(answer, 200, { 'server-timing': serverTiming(answer), 'cache-control': 'no-store' });
      },
    },
    ...NOT_BUILT.map(
      ([method, path]): Route => ({
        method,
        path,
        handler: async () => {
          throw new NearboxError('not_implemented', `${method} ${path} is not built yet`);
        },
      }),
    ),
  ];

  for (const route of routes) app.on(route.method, route.path, (c) => answer(c, route.handler, options));
  for (const path of new Set(routes.map((route) => route.path))) {
    const methods = new Set<string>(
      routes.filter((route) => route.path === path).map((route) => route.method),
    );
    if (methods.has('GET')) methods.add('HEAD');
    const allow = [...methods].join(', ');
    app.all(path, (c) =>
      answer(
        c,
        async () => {
          throw new NearboxError(
            'method_not_allowed',
            `${c.req.method} is not allowed on ${c.req.path}; allowed: ${allow}`,
          );
        },
        options,
        { allow },
      ),
    );
  }
  app.notFound((c) =>
    answer(
      c,
      async () => {
        throw new NearboxError('not_found', `there is no route ${c.req.path}`);
      },
      options,
    ),
  );
  return app;
}

function requireReady(lifecycle: Lifecycle): void {
  if (lifecycle.state !== 'ready')
    throw new NearboxError('overloaded', `the server is ${lifecycle.state}`, { retryAfterSeconds: 1 });
}

/** Runs a handler in a scope of its own and turns whatever it throws into the contract's answer. */
async function answer(
  c: Context,
  handler: Handler,
  options: AppOptions,
  errorHeaders: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const id = requestIdOf(c.req.header('x-request-id'));
  let scope: RequestScope | undefined;
  let response: Response;
  try {
    scope = openScope(id, timeoutMsOf(c.req.header('timeout-ms'), options), c.req.raw.signal);
    response = await handler(c, scope);
    response.headers.set('x-request-id', id);
  } catch (thrown) {
    response = failure(thrown, id, c, options, errorHeaders);
  } finally {
    scope?.close();
  }
  // While draining, keep-alive connections would hold the server open.
  if (options.lifecycle.state === 'draining') response.headers.set('connection', 'close');
  return response;
}

function failure(
  thrown: unknown,
  requestId: string,
  c: Context,
  options: AppOptions,
  headers: Readonly<Record<string, string>>,
): Response {
  if (thrown instanceof ClientGone) return new Response(null, { status: STATUS_CLIENT_GONE });
  const error = toNearboxError(thrown);
  if (error.code === 'internal')
    options.log.error('request failed', { requestId, method: c.req.method, path: c.req.path, error: thrown });
  return problemResponse(error, requestId, { headers });
}
