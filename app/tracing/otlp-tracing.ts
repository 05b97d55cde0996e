/**
 * Traces through the OpenTelemetry SDK to a collector, in batches, by OTLP over HTTP. A failing collector
 * never affects requests.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  DiagLogLevel,
  diag,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { ErrorCode } from '../../cache/index.ts';
import type { PredictionStage } from '../../inference/index.ts';
import type { Log, StorageCall } from '../observability/index.ts';
import { packageVersion } from '../package/index.ts';
import { callerOf } from './trace-context.ts';
import { type RequestTrace, TRACE_FLUSH_MS, type TracedRequest, type Tracing } from './tracing.ts';

export interface OtlpTracingOptions {
  /** The collector's address; `/v1/traces` is added. */
  readonly endpoint: string;
  /** Share of the traces that begin here. */
  readonly ratio: number;
  readonly log: Log;
}

/** Spans that wait; more are dropped. */
const MAX_QUEUE = 4096;
const MAX_BATCH = 512;
/** Least time between two log lines about a collector that does not answer. */
const COMPLAINT_INTERVAL_MS = 60_000;

export class OtlpTracing implements Tracing {
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;
  /** The span of the request that the running work belongs to. */
  readonly #current = new AsyncLocalStorage<Context>();

  constructor({ endpoint, ratio, log }: OtlpTracingOptions) {
    diag.setLogger(complaints(log), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
    // Headers of the collector, which may be secret, come from OTEL_EXPORTER_OTLP_HEADERS: the exporter reads
    // it.
    const exporter = new OTLPTraceExporter({
      url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
      timeoutMillis: TRACE_FLUSH_MS,
    });
    const named = resourceFromAttributes({ 'service.name': 'nearbox', 'service.version': packageVersion() });
    this.#provider = new TracerProvider({
      // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES add to it and win.
      resource: named.merge(detectResources({ detectors: [envDetector] })),
      sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
      spanProcessors: [
        new BatchSpanProcessor({
          exporter,
          maxQueueSize: MAX_QUEUE,
          maxExportBatchSize: MAX_BATCH,
          exportTimeoutMillis: TRACE_FLUSH_MS,
        }),
      ],
    });
    this.#tracer = this.#provider.getTracer('nearbox', packageVersion());
  }

  begin({ id, method, route, path, traceparent, tracestate }: TracedRequest): RequestTrace {
    const caller = callerOf(traceparent, tracestate);
    const parent = caller === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, caller);
    const isRouted = route !== 'none';
    const span = this.#tracer.startSpan(
      isRouted ? `${method} ${route}` : method,
      {
        kind: SpanKind.SERVER,
        attributes: {
          'http.request.method': method,
          'url.path': path,
          'nearbox.request.id': id,
          ...(isRouted && { 'http.route': route }),
        },
      },
      parent,
    );
    const context = trace.setSpan(ROOT_CONTEXT, span);
    return {
      traceId: span.spanContext().traceId,
      run: (work) => this.#current.run(context, work),
      stages: () => {
        let at = Date.now();
        return (stage) => {
          at = this.#stage(stage, at, context);
        };
      },
      end: (status, code) => endRequest(span, status, code),
    };
  }

  storageCall({ operation, path, outcome, ms, bytes }: StorageCall): void {
    const context = this.#current.getStore();
    if (context === undefined) return;
    const end = Date.now();
    const attributes = {
      'nearbox.storage.path': path,
      'nearbox.storage.outcome': outcome,
      'nearbox.storage.bytes': bytes,
    };
    const options = { kind: SpanKind.CLIENT, startTime: end - ms, attributes };
    this.#tracer.startSpan(`storage ${operation}`, options, context).end(end);
  }

  async close(): Promise<void> {
    const late = new Promise<void>((resolve) => {
      setTimeout(resolve, TRACE_FLUSH_MS).unref();
    });
    const sent = this.#provider.shutdown().catch((error: unknown) => diag.warn(String(error)));
    await Promise.race([sent, late]);
  }

  /** @returns when the next stage begins. */
  #stage({ stage, ms }: PredictionStage, startTime: number, context: Context): number {
    this.#tracer.startSpan(stage, { startTime }, context).end(startTime + ms);
    return startTime + ms;
  }
}

/** https://opentelemetry.io/docs/specs/semconv/http/http-spans/: of a server's span, only 5xx is an error. */
function endRequest(span: Span, status: number, code: ErrorCode | undefined): void {
  span.setAttribute('http.response.status_code', status);
  if (code !== undefined) span.setAttribute('error.type', code);
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

/** The SDK's own warnings, in our log, seldom. */
function complaints(log: Log) {
  let quietUntil = 0;
  const warn = (message: string) => {
    const now = performance.now();
    if (now < quietUntil) return;
    quietUntil = now + COMPLAINT_INTERVAL_MS;
    log.warn('traces are lost', { reason: message });
  };
  return { error: warn, warn, info() {}, debug() {}, verbose() {} };
}
