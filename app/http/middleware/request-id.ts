/** Gives every request a name, which its answer, its problem, its log line and its trace carry. */
import { requestIdOf } from '../route/index.ts';
import type { Middleware } from './environment.ts';

/** Takes the caller's `X-Request-Id` if it is printable and short, else makes a new one. */
export const requestId: Middleware = async (c, next) => {
  c.set('requestId', requestIdOf(c.req.header('x-request-id')));
  await next();
  c.res.headers.set('x-request-id', c.var.requestId);
};
