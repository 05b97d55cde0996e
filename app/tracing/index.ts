/** Traces by OpenTelemetry: off, and not even loaded, unless an endpoint is configured. */
import { z } from 'zod';
import type { Log } from '../observability/index.ts';
import { decimal, type OptionSpec } from '../options/index.ts';
import { NO_TRACING, type Tracing } from './tracing.ts';

export const TRACING_SPECS = {
  traceEndpoint: {
    flag: 'trace-endpoint',
    value: 'URL',
    description:
      'address of a collector, to which traces are sent by OTLP over HTTP (to the path /v1/traces); no traces if left out',
    schema: z.url({ protocol: /^https?$/ }).optional(),
    default: undefined,
  },
  traceRatio: {
    flag: 'trace-ratio',
    value: 'SHARE',
    description:
      'the fraction of requests that are traced, 0 to 1; for a request that is part of a trace, the decision of its trace counts',
    schema: decimal(0, 1),
    default: 1,
  },
} as const satisfies Record<string, OptionSpec>;

export interface TracingOptions {
  readonly traceEndpoint: string | undefined;
  readonly traceRatio: number;
}

export async function openTracing({ traceEndpoint, traceRatio }: TracingOptions, log: Log): Promise<Tracing> {
  if (traceEndpoint === undefined) return NO_TRACING;
  const { OtlpTracing } = await import('./otlp-tracing.ts');
  return new OtlpTracing({ endpoint: traceEndpoint, ratio: traceRatio, log });
}
export {
  NO_TRACING,
  type RequestTrace,
  TRACE_FLUSH_MS,
  type Tracing,
} from './tracing.ts';
