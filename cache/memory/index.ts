/** The door of `cache/memory/`. */
export { MemoryTier, type MemoryTierStats } from './memory-tier.ts';
