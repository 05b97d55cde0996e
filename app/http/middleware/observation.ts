/** What is seen of a request: it is counted, traced, and told in one line of the log. */
import { NO_TRACING } from '../../tracing/index.ts';
import type { Middleware, Observers } from './environment.ts';
import { problemOf } from './problems.ts';

/** Asked every few seconds by machines: counted, but neither traced nor logged unless they fail. */
const ROUTINE_PATHS = new Set(['/healthz', '/readyz', '/metrics']);
/**
 * Asked some hundred times for one picture of a cloud, for each frame that is looked at, or by every page all
 * the time: logged at level `debug`.
 */
const BULK_PATHS = /^\/(?:(?:tiles|points|page|v1\/images)\/|v1\/labels$)/;

/** `route` is the template that metrics have the request under. */
export function observation(route: string, { log, metrics, tracing = NO_TRACING }: Observers): Middleware {
  const isRoutine = ROUTINE_PATHS.has(route);
  const level = BULK_PATHS.test(route) ? 'debug' : 'info';
  return async (c, next) => {
    const began = performance.now();
    const { method, path } = c.req;
    const { requestId } = c.var;
    const counted = metrics.requestBegan(method, route);
    const trace = (isRoutine ? NO_TRACING : tracing).begin({
      id: requestId,
      method,
      route,
      path,
      traceparent: c.req.header('traceparent'),
      tracestate: c.req.header('tracestate'),
    });
    c.set('trace', trace);
    await next();
    const { status } = c.res;
    const error = problemOf(c);
    const code = error?.code;
    counted(status);
    trace.end(status, code);
    if (isRoutine && status < 400) return;
    const ms = Math.round((performance.now() - began) * 1000) / 1000;
    // The path without its query, and no headers: keys and signatures are in those. What is undefined is left
    // out of the line.
    const fields = { requestId, traceId: trace.traceId, method, route, path, status, code, ms };
    // What failed on this side is for those who run it: which node, which storage.
    if (status >= 500) log.warn('request', { ...fields, why: error?.message });
    else log[level]('request', fields);
  };
}

/** Runs the rest inside the request's trace, so that calls of the storage are found to be its. */
export const traced: Middleware = (c, next) => c.var.trace.run(next);
