/** The door of `cache/foundation/limits/`. */
export { ByteBudget, type ByteBudgetStats, type Release } from './byte-budget.ts';
export { FairLimiter } from './fair-limiter.ts';
export { Limiter } from './limiter.ts';
export { TokenBudget, type TokenBudgetOptions } from './token-budget.ts';
