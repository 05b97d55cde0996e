/**
 * The caller's span: `traceparent` and `tracestate` of W3C Trace Context
 * (https://www.w3.org/TR/trace-context/).
 */
import { createTraceState, isSpanContextValid, type SpanContext } from '@opentelemetry/api';

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
/** Longer ones may be dropped; 3.3.1.5 asks for at least this much. */
const MAX_TRACESTATE_LENGTH = 512;

/** The caller's span; undefined if the header is missing or invalid: then a new trace begins. */
export function callerOf(
  traceparent: string | undefined,
  tracestate: string | undefined,
): SpanContext | undefined {
  const found = TRACEPARENT.exec(traceparent?.trim() ?? '');
  if (found === null) return undefined;
  const [, version, traceId, spanId, flags, more] = found;
  // Version ff is forbidden; 00 has exactly four fields, later ones may have more.
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  const state = tracestate !== undefined && tracestate.length <= MAX_TRACESTATE_LENGTH ? tracestate : '';
  const context: SpanContext = {
    traceId: traceId!,
    spanId: spanId!,
    traceFlags: Number.parseInt(flags!, 16) & 1,
    isRemote: true,
    ...(state !== '' && { traceState: createTraceState(state) }),
  };
  return isSpanContextValid(context) ? context : undefined;
}
