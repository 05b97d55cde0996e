/** The door of `cache/disk/`. */
export { type DiskFiles, NODE_FILES } from './disk-files.ts';
export { DiskTier, type DiskTierStats } from './disk-tier.ts';
