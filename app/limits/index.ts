/** The door of `limits/`: how much each caller may ask for. */

export { clientAddress } from './client-address.ts';
export { LIMIT_SPECS, openLimits } from './options.ts';
export { Quota } from './quota.ts';
export { RateLimits } from './rate-limits.ts';
