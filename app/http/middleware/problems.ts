/** Every error as an answer. */
import type { Context, ErrorHandler } from 'hono';
import { NearboxError } from '../../../cache/index.ts';
import type { Lifecycle } from '../../lifecycle/index.ts';
import { HeadedError, problemResponse, toNearboxError } from '../answers/index.ts';
import { ClientGone } from '../requests/index.ts';
import type { HttpEnvironment, Observers } from './environment.ts';

const STATUS_CLIENT_GONE = 499;

/** Turns what a handler throws into a problem document, counts it, and logs it if it is a bug. */
export function problems({ log, metrics }: Observers): ErrorHandler<HttpEnvironment> {
  return (thrown, c) => {
    if (thrown instanceof ClientGone) return new Response(null, { status: STATUS_CLIENT_GONE });
    const isHeaded = thrown instanceof HeadedError;
    const error = toNearboxError(isHeaded ? thrown.error : thrown);
    metrics.countError(error.code);
    const { requestId } = c.var;
    if (error.code === 'internal')
      log.error('request failed', { requestId, method: c.req.method, path: c.req.path, error: thrown });
    const headers = {
      ...(isHeaded && thrown.headers),
      ...(error.code === 'unauthorized' && challenge(c)),
    };
    return problemResponse(error, requestId, { headers });
  };
}

/** The error of an answer that is a problem; undefined if it is none, or if the client has disconnected. */
export function problemOf(c: Context<HttpEnvironment>): NearboxError | undefined {
  const { error } = c;
  if (error === undefined || error instanceof ClientGone) return undefined;
  return toNearboxError(error instanceof HeadedError ? error.error : error);
}

/**
 * @throws NearboxError `overloaded` before the server is warm. While it drains it answers what still comes.
 */
export function requireReady({ state }: Lifecycle): void {
  if (state === 'starting')
    throw new NearboxError('overloaded', `the server is ${state}`, { retryAfterSeconds: 1 });
}

/** RFC 6750, 3: an error is named only to those who brought a key. */
function challenge(c: Context): Record<string, string> {
  const error = c.req.header('authorization') === undefined ? '' : ', error="invalid_token"';
  return { 'www-authenticate': `Bearer realm="nearbox"${error}` };
}
