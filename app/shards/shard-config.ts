/** A shard's part of what a server may use. */
import path from 'node:path';
import type { ServeConfig } from '../config/index.ts';

/**
 * Memory, disk and places in the queue are divided evenly; every shard has a folder of its own below
 * `--disk-cache`.
 */
export function shardConfig(config: ServeConfig, index: number): ServeConfig {
  const { shards, diskCache } = config;
  const part = (bytes: number) => Math.floor(bytes / shards);
  return {
    ...config,
    fitQueue: Math.ceil(config.fitQueue / shards),
    memoryBytes: part(config.memoryBytes),
    diskTileBytes: part(config.diskTileBytes),
    diskCache: diskCache === undefined ? undefined : path.join(diskCache, `shard-${index}-of-${shards}`),
  };
}
