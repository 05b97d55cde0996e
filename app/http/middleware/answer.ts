/** Every answer: a handler runs in a scope of its own, and whatever it throws becomes the contract's problem document. */
import type { Context } from 'hono';
import { isNearboxError, NearboxError } from '../../../cache/index.ts';
import { type Door, RequestAccess } from '../../access/index.ts';
import type { Lifecycle } from '../../lifecycle/index.ts';
import { Budget, clientAddress, type RateLimits } from '../../limits/index.ts';
import { asPrivate, HeadedError, problemResponse, toNearboxError } from '../answers/index.ts';
import { queryOf } from '../requests/index.ts';
import type { Route } from '../route/index.ts';
import {
  ClientGone,
  type OpenScope,
  openScope,
  type RequestScope,
  requestIdOf,
  type ScopeLimits,
  timeoutMsOf,
} from '../route/index.ts';
import { type Observers, observe } from './observation.ts';

export interface AnswerOptions extends ScopeLimits, Observers {
  readonly lifecycle: Lifecycle;
  readonly door: Door;
  /** null: nobody's share has an end. */
  readonly limits: RateLimits | null;
  /** The header in which a proxy in front tells the client's address. Default: none. */
  readonly clientAddressHeader?: string | undefined;
}

/** What is done for a path: `path` is the template that metrics have the request under. */
export type Answered = Pick<Route, 'path' | 'access' | 'cost' | 'handler'>;

const STATUS_CLIENT_GONE = 499;

export async function answer(c: Context, route: Answered, options: AnswerOptions): Promise<Response> {
  const id = requestIdOf(c.req.header('x-request-id'));
  const seen = observe(c, route.path, id, options);
  const { trace } = seen;
  let error: NearboxError | undefined;
  let scope: OpenScope | undefined;
  const spent: { budget?: Budget } = {};
  let response: Response;
  try {
    const opened = openScope(id, timeoutMsOf(c.req.header('timeout-ms'), options), c.req.raw.signal);
    scope = opened;
    response = await trace.run(async () => {
      const caller = await enter(c, route, opened, options);
      spent.budget = new Budget(options.limits, caller.name ?? `address:${addressOf(c, options)}`);
      if (route.access !== 'open') await spent.budget.spend(route.cost ?? 1);
      const access = new RequestAccess(caller);
      return admitted(c, route, { ...opened, trace, access, budget: spent.budget });
    });
    response.headers.set('x-request-id', id);
  } catch (thrown) {
    const problem = failure(thrown, id, c, options);
    response = problem.response;
    error = problem.error;
  } finally {
    scope?.close();
  }
  for (const [name, value] of Object.entries(spent.budget?.headers() ?? {}))
    response.headers.set(name, value);
  // While draining, keep-alive connections would hold the server open.
  if (options.lifecycle.state === 'draining') response.headers.set('connection', 'close');
  seen.end(response.status, error);
  return response;
}

/** Who asks. Failed attempts count against the address that they come from. */
async function enter(c: Context, { access }: Answered, { signal }: OpenScope, options: AnswerOptions) {
  const credentials = { authorization: c.req.header('authorization'), query: queryOf(c) };
  try {
    return await options.door.enter(access, credentials, signal);
  } catch (error) {
    if (isNearboxError(error, 'unauthorized') || isNearboxError(error, 'forbidden'))
      await new Budget(options.limits, `failed:${addressOf(c, options)}`).spend(1);
    throw error;
  }
}

function addressOf(c: Context, { clientAddressHeader }: AnswerOptions): string {
  return clientAddress(c, clientAddressHeader);
}

/** Runs the handler for a caller who may come in, and sees to it that the answer goes to nobody else. */
async function admitted(
  c: Context,
  { path, access: need, handler }: Answered,
  scope: RequestScope,
): Promise<Response> {
  const response = await handler(c, scope);
  const isOfClouds = need === 'clouds' || need === 'clouds-or-signature';
  if (isOfClouds && !scope.access.isAsked) throw new Error(`${path} did not ask whether the caller may`);
  if (scope.access.caller.by === 'key') asPrivate(response.headers);
  return response;
}

/** @throws NearboxError `overloaded` before the server is warm. While it drains it answers what still comes. */
export function requireReady({ state }: Lifecycle): void {
  if (state === 'starting')
    throw new NearboxError('overloaded', `the server is ${state}`, { retryAfterSeconds: 1 });
}

interface Failure {
  readonly response: Response;
  /** Undefined if there is nobody left to tell. */
  readonly error: NearboxError | undefined;
}

function failure(thrown: unknown, requestId: string, c: Context, { log, metrics }: AnswerOptions): Failure {
  if (thrown instanceof ClientGone)
    return { response: new Response(null, { status: STATUS_CLIENT_GONE }), error: undefined };
  const isHeaded = thrown instanceof HeadedError;
  const error = toNearboxError(isHeaded ? thrown.error : thrown);
  metrics.countError(error.code);
  if (error.code === 'internal')
    log.error('request failed', { requestId, method: c.req.method, path: c.req.path, error: thrown });
  const headers = {
    ...(isHeaded && thrown.headers),
    ...(error.code === 'unauthorized' && challenge(c)),
  };
  return { response: problemResponse(error, requestId, { headers }), error };
}

/** RFC 6750, 3: an error is named only to those who brought a key. */
function challenge(c: Context): Record<string, string> {
  const error = c.req.header('authorization') === undefined ? '' : ', error="invalid_token"';
  return { 'www-authenticate': `Bearer realm="nearbox"${error}` };
}
