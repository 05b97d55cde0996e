/** The door of `cache/foundation/`. */
export { abortable } from './abortable.ts';
export { checkInteger } from './check-options.ts';
export { ERROR_CODES, type ErrorCode, type FieldError, isNearboxError, NearboxError } from './errors.ts';
export { LatencyWindow } from './latency-window.ts';
export { Limiter } from './limiter.ts';
export { Singleflight } from './singleflight.ts';
export { atOnce, inSlices, nextSlice, type Sliced, type SliceOptions } from './slices.ts';
export { SYSTEM_TIMING, type Timing } from './timing.ts';
export { TokenBudget, type TokenBudgetOptions } from './token-budget.ts';
