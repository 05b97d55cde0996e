/** The middleware of a route, from the outermost to the innermost, and its handler. */
import type { Handler } from 'hono';
import { answerRoom } from './answer-room.ts';
import { authentication, authorizationChecked, rateLimit, rateLimitHeaders } from './authentication.ts';
import { connectionUse } from './connection.ts';
import { deadline } from './deadline.ts';
import type { Answered, HttpEnvironment, MiddlewareOptions } from './environment.ts';
import { observation, traced } from './observation.ts';
import { requestId } from './request-id.ts';

export function chain(route: Answered, options: MiddlewareOptions): Handler<HttpEnvironment>[] {
  const isStoredFile = route.access === 'clouds-or-signature';
  const { timeoutMs } = route;
  const limits = timeoutMs === undefined ? options : { timeoutMs, maxTimeoutMs: timeoutMs };
  return [
    requestId,
    observation(route.path, options),
    connectionUse(options.lifecycle),
    rateLimitHeaders,
    deadline(limits, isStoredFile),
    traced,
    authentication(route, options),
    rateLimit(route, options),
    authorizationChecked(route),
    answerRoom(route, options),
    (c) => {
      const { scope, access, quota, trace, room } = c.var;
      return route.handler(c, { ...scope, access, quota, trace, room, memory: options.memory });
    },
  ];
}
