/** The door of `limits/`: how much each caller may ask for. */
export { Budget } from './budget.ts';
export { clientAddress } from './client-address.ts';
export { LIMIT_SPECS, openLimits } from './options.ts';
export { RateLimits } from './rate-limits.ts';
