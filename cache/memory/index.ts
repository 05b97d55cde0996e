/** The door of `cache/memory/`. */
export { MemoryTier, type MemoryTierOptions, type MemoryTierStats } from './memory-tier.ts';
