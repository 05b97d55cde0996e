/** Every answer: a handler runs in a scope of its own, and whatever it throws becomes the contract's problem document. */
import type { Context } from 'hono';
import { NearboxError } from '../../cache/index.ts';
import { type Door, RequestAccess } from '../access/index.ts';
import type { Lifecycle } from '../lifecycle.ts';
import type { Log } from '../log.ts';
import { asPrivate } from './caching.ts';
import type { Metrics } from './metrics.ts';
import { HeadedError, problemResponse, toNearboxError } from './problem.ts';
import { queryOf } from './query.ts';
import {
  ClientGone,
  type OpenScope,
  openScope,
  requestIdOf,
  type ScopeLimits,
  timeoutMsOf,
} from './request-scope.ts';
import type { Route } from './route.ts';

export interface AnswerOptions extends ScopeLimits {
  readonly lifecycle: Lifecycle;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly door: Door;
}

/** What is done for a path: `path` is the template that metrics have the request under. */
export type Answered = Pick<Route, 'path' | 'access' | 'handler'>;

const STATUS_CLIENT_GONE = 499;

export async function answer(c: Context, route: Answered, options: AnswerOptions): Promise<Response> {
  const ended = options.metrics.requestBegan(c.req.method, route.path);
  const id = requestIdOf(c.req.header('x-request-id'));
  let scope: OpenScope | undefined;
  let response: Response;
  try {
    scope = openScope(id, timeoutMsOf(c.req.header('timeout-ms'), options), c.req.raw.signal);
    response = await admitted(c, route, scope, options);
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

/** Runs the handler for a caller who may come in, and sees to it that the answer goes to nobody else. */
async function admitted(
  c: Context,
  { path, access: need, handler }: Answered,
  scope: OpenScope,
  { door }: AnswerOptions,
): Promise<Response> {
  const credentials = { authorization: c.req.header('authorization'), query: queryOf(c) };
  const caller = await door.enter(need, credentials, scope.signal);
  const access = new RequestAccess(caller);
  const response = await handler(c, { ...scope, access });
  const isOfClouds = need === 'clouds' || need === 'clouds-or-signature';
  if (isOfClouds && !access.isAsked) throw new Error(`${path} did not ask whether the caller may`);
  if (caller.by === 'key') asPrivate(response.headers);
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
  const headers = {
    ...(isHeaded && thrown.headers),
    ...(error.code === 'unauthorized' && challenge(c)),
  };
  return problemResponse(error, requestId, { headers });
}

/** RFC 6750, 3: an error is named only to those who brought a key. */
function challenge(c: Context): Record<string, string> {
  const error = c.req.header('authorization') === undefined ? '' : ', error="invalid_token"';
  return { 'www-authenticate': `Bearer realm="nearbox"${error}` };
}
