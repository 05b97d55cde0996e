/** What is seen of a request: it is counted, traced, and told in one line of the log. */
import type { Context } from 'hono';
import type { NearboxError } from '../../../cache/index.ts';
import type { Log } from '../../observability/index.ts';
import type { RequestTrace, Tracing } from '../../tracing/index.ts';
import { NO_TRACING } from '../../tracing/index.ts';
import type { Metrics } from '../metrics/index.ts';

export interface Observers {
  readonly log: Log;
  readonly metrics: Metrics;
  /** Default: no traces. */
  readonly tracing?: Tracing | undefined;
}

export interface Observation {
  readonly trace: RequestTrace;
  /** To be called once; `error` if the answer is a problem. */
  end(status: number, error: NearboxError | undefined): void;
}

/** Asked every few seconds by machines: counted, but neither traced nor told unless they fail. */
const ROUTINE = new Set(['/healthz', '/readyz', '/metrics']);

/** `route` is the template that metrics have the request under. */
export function observe(
  c: Context,
  route: string,
  requestId: string,
  { log, metrics, tracing = NO_TRACING }: Observers,
): Observation {
  const began = performance.now();
  const { method, path } = c.req;
  const counted = metrics.requestBegan(method, route);
  const isRoutine = ROUTINE.has(route);
  const trace = (isRoutine ? NO_TRACING : tracing).begin({
    id: requestId,
    method,
    route,
    path,
    traceparent: c.req.header('traceparent'),
    tracestate: c.req.header('tracestate'),
  });
  return {
    trace,
    end(status, error) {
      const code = error?.code;
      counted(status);
      trace.end(status, code);
      if (isRoutine && status < 400) return;
      const ms = Math.round((performance.now() - began) * 1000) / 1000;
      // The path without its query, and no headers: keys and signatures are in those. What is undefined is left out of the line.
      const fields = { requestId, traceId: trace.traceId, method, route, path, status, code, ms };
      // What failed on this side is for those who run it: which node, which storage.
      if (status >= 500) log.warn('request', { ...fields, why: error?.message });
      else log.info('request', fields);
    },
  };
}
