/** The door of `cache/foundation/`. */
export { BufferPool } from './buffer-pool.ts';
export { checkInteger } from './check-options.ts';
export {
  ERROR_CODES,
  type ErrorCode,
  type FieldError,
  isNearboxError,
  NearboxError,
} from './errors/index.ts';
export { checkJsonShape, type JsonLimits } from './json-shape.ts';
export { LatencyWindow } from './latency-window.ts';
export {
  ByteBudget,
  type ByteBudgetStats,
  FairLimiter,
  Limiter,
  type Release,
  TokenBudget,
  type TokenBudgetOptions,
} from './limits/index.ts';
export { mulberry32 } from './mulberry32.ts';
export { type Race, race } from './race.ts';
export {
  abortable,
  type LinkedSignal,
  linked,
  linkedSignal,
  whenAborted,
} from './signals/index.ts';
export { Singleflight } from './singleflight.ts';
export { atOnce, inSlices, nextSlice, type Sliced } from './slices.ts';
export { SYSTEM_TIMING, type Timing } from './timing.ts';
export { TrimmedMean } from './trimmed-mean.ts';
export { WebAssembly } from './web-assembly.ts';
