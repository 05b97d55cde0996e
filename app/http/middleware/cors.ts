/** Which pages of other origins may call /v1 and /tiles, and which headers they see. */
import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { requestIdOf } from '../route/index.ts';

const EXPOSED_HEADERS = [
  'ETag',
  'Accept-Ranges',
  'Content-Length',
  'Content-Range',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'Server-Timing',
  'WWW-Authenticate',
  'X-Request-Id',
  'Nearbox-Prediction-Id',
  'Nearbox-Cost',
  'Nearbox-Truncated',
];

const ALLOWED_HEADERS = [
  'Authorization',
  'Content-Type',
  'If-Match',
  'If-None-Match',
  'If-Range',
  'Nearbox-Cloud',
  'Range',
  'Timeout-Ms',
  'Traceparent',
  'Tracestate',
  'X-Request-Id',
];

const PREFLIGHT_SECONDS = 86_400;

/** `*` among the origins allows every page; none of them is ever sent cookies. */
export function corsHeaders(origins: readonly string[]): MiddlewareHandler {
  const handler = cors({
    origin: origins.includes('*') ? '*' : [...origins],
    allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    allowHeaders: ALLOWED_HEADERS,
    exposeHeaders: EXPOSED_HEADERS,
    maxAge: PREFLIGHT_SECONDS,
  });
  return async (c, next) => {
    const preflight = await handler(c, next);
    if (preflight instanceof Response)
      preflight.headers.set('x-request-id', requestIdOf(c.req.header('x-request-id')));
    return preflight;
  };
}
