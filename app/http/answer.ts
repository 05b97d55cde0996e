/** Every answer: a handler runs in a scope of its own, and whatever it throws becomes the contract's problem document. */
import type { Context } from 'hono';
import { NearboxError } from '../../cache/index.ts';
import type { Lifecycle } from '../lifecycle.ts';
import type { Log } from '../log.ts';
import type { Metrics } from './metrics.ts';
import { HeadedError, problemResponse, toNearboxError } from './problem.ts';
import {
  ClientGone,
  openScope,
  type RequestScope,
  requestIdOf,
  type ScopeLimits,
  timeoutMsOf,
} from './request-scope.ts';
import type { Handler } from './route.ts';

export interface AnswerOptions extends ScopeLimits {
  readonly lifecycle: Lifecycle;
  readonly log: Log;
  readonly metrics: Metrics;
}

const STATUS_CLIENT_GONE = 499;

/** `route` is the template that metrics have the request under. */
export async function answer(
  c: Context,
  route: string,
  handler: Handler,
  options: AnswerOptions,
): Promise<Response> {
  const ended = options.metrics.requestBegan(c.req.method, route);
  const id = requestIdOf(c.req.header('x-request-id'));
  let scope: RequestScope | undefined;
  let response: Response;
  try {
    scope = openScope(id, timeoutMsOf(c.req.header('timeout-ms'), options), c.req.raw.signal);
    response = await handler(c, scope);
    response.headers.set('x-request-id', id);
  } catch (thrown) {
    response = failure(thrown, id, c, options);
  } finally {
    scope?.close();
  }
  // While draining, keep-alive connections would hold the server open.
  if (options.lifecycle.state === 'draining') response.headers.set('connection', 'close');
  ended(response.status);
  return response;
}

/** @throws NearboxError `overloaded` unless the server is warm and stays. */
export function requireReady({ state }: Lifecycle): void {
  if (state !== 'ready')
    throw new NearboxError('overloaded', `the server is ${state}`, { retryAfterSeconds: 1 });
}

function failure(thrown: unknown, requestId: string, c: Context, { log, metrics }: AnswerOptions): Response {
  if (thrown instanceof ClientGone) return new Response(null, { status: STATUS_CLIENT_GONE });
  const isHeaded = thrown instanceof HeadedError;
  const error = toNearboxError(isHeaded ? thrown.error : thrown);
  metrics.countError(error.code);
  if (error.code === 'internal')
    log.error('request failed', { requestId, method: c.req.method, path: c.req.path, error: thrown });
  return problemResponse(error, requestId, isHeaded ? { headers: thrown.headers } : {});
}
