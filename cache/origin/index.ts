/** The door of `cache/origin/`. */
export { HedgedSource, type HedgedSourceOptions, type HedgedSourceStats } from './hedged-source.ts';
export {
  MergedSource,
  type MergedSourceOptions,
  type MergedSourceStats,
  neighbours,
  spanOf,
} from './merged-source.ts';
export { NegativeCache, type NegativeCacheOptions } from './negative-cache.ts';
