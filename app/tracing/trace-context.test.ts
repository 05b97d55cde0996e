import { describe, expect, it } from 'vitest';
import { callerOf } from './trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('the caller’s span', () => {
  it('is that of traceparent, with its choice to sample', () => {
    expect(callerOf(`00-${TRACE}-${SPAN}-01`, undefined)).toEqual({
      traceId: TRACE,
      spanId: SPAN,
      traceFlags: 1,
      isRemote: true,
    });
    expect(callerOf(`00-${TRACE}-${SPAN}-00`, undefined)?.traceFlags).toBe(0);
  });

  it('may be of a later version with more fields', () => {
    expect(callerOf(`01-${TRACE}-${SPAN}-01-more`, undefined)?.traceId).toBe(TRACE);
  });

  it('keeps a tracestate of reasonable length', () => {
    expect(callerOf(`00-${TRACE}-${SPAN}-01`, 'vendor=x')?.traceState?.get('vendor')).toBe('x');
    expect(callerOf(`00-${TRACE}-${SPAN}-01`, `v=${'x'.repeat(9999)}`)?.traceState).toBeUndefined();
  });

  it.each([
    ['nothing', undefined],
    ['an empty header', ''],
    ['upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['version ff', `ff-${TRACE}-${SPAN}-01`],
    ['more fields in version 00', `00-${TRACE}-${SPAN}-01-more`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a span of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['a short trace', `00-${TRACE.slice(1)}-${SPAN}-01`],
  ])('is none for %s', (_name, header) => {
    expect(callerOf(header, undefined)).toBeUndefined();
  });
});
