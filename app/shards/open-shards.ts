/**
 * A server's clouds and predictions by shards: threads that share nothing, each of which owns some of the
 * clouds.
 */
import { setFlagsFromString } from 'node:v8';
import { LOOKS } from '../../cache/pulse/index.ts';
import type { Prediction } from '../../inference/index.ts';
import { type CloudReaderStats, listClouds, type WorkerPoolStats } from '../../octree/index.ts';
import type { ServeConfig } from '../config/index.ts';
import type { FoundModels } from '../models/index.ts';
import type { Log } from '../observability/index.ts';
import {
  type CloudService,
  combinedStats,
  openCloudStorage,
  openProfiles,
  readerStats,
} from '../services/index.ts';
import { openUpstreams } from '../storage/index.ts';
import type { EndedStorageCall } from './calls/index.ts';
import { homeShard, Placement } from './placement.ts';
import { Shard } from './shard.ts';
import { shardConfig } from './shard-config.ts';
import { ShardedClouds } from './sharded-clouds.ts';

/**
 * How far a heap may grow between two full collections, percent of what was live. V8 counts the memory of
 * bodies and tiles that came since the last one as growth: by its own rule it collects every few cold clicks,
 * for nothing (docs/speed.md).
 */
const HEAP_GROWTH_PERCENT = 200;

/** @throws ConfigError if the clouds are somewhere that cannot be read. */
export async function openShards(
  config: ServeConfig,
  modelFolders: FoundModels['folders'],
  log: Log,
  onStorageCall: (call: EndedStorageCall) => void,
): Promise<CloudService> {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`);
  const { profiles = new Map() } = await openProfiles(config);
  // Only lists clouds and knows what marks this instance's requests; the shards have storages of their own.
  const storage = await openCloudStorage(config, (call) => onStorageCall({ ...call, endedAt: Date.now() }));
  const upstreams = openUpstreams(config);
  const shards = Array.from(
    { length: config.shards },
    (_, index) => new Shard({ index, config: shardConfig(config, index), modelFolders, log, onStorageCall }),
  );
  const watching =
    config.shardHangMs === 0
      ? undefined
      : setInterval(() => {
          for (const shard of shards) shard.look();
        }, config.shardHangMs / LOOKS).unref();
  const placement = new Placement(shards.map((shard) => () => shard.load));
  const clouds = new ShardedClouds({
    call: (cloud, method, args, options) => {
      const index = method === 'storedNode' ? homeShard(cloud, config.shards) : placement.shardOf(cloud);
      return shards[index]!.call(method, args, options);
    },
    list: (options) => listClouds(storage.source, options),
    isTraced: config.traceEndpoint !== undefined,
    onStorageCall,
  });
  return {
    clouds,
    predictor: clouds,
    tracker: clouds,
    loops: { clouds: storage.loopToken, upstreams: upstreams.loopTokens },
    profileVersion: (name) => profiles.get(name)?.version ?? null,
    async stats() {
      const all = await Promise.allSettled(shards.map(statsOf));
      // What a shard does not tell in time, because it dies or hangs, is missing from this scrape.
      const found = combinedStats(all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])));
      return { ...found, shards: fatesOf(shards) };
    },
    rehearsal(origin) {
      let asked = 0;
      return {
        predictor: {
          async predict({ signal, deadline, onStage: _, ...question }) {
            const shard = shards[asked++ % shards.length]!;
            const { value } = await shard.call('rehearse', [origin, question], { signal, deadline });
            return value as Prediction;
          },
        },
        async end() {
          await Promise.allSettled(shards.map((shard) => shard.call('endRehearsal', [])));
        },
      };
    },
    async warmUp() {
      await Promise.all(shards.map((shard) => shard.ready()));
    },
    async close(boundMs) {
      clearInterval(watching);
      const ended = await Promise.all(shards.map((shard) => shard.close(boundMs)));
      await Promise.all([upstreams.close(), storage.close()]);
      return !ended.includes(false);
    },
  };
}

/** How long a scrape waits for a shard, milliseconds. */
const STATS_MS = 1000;

async function statsOf(shard: Shard) {
  const { value } = await shard.call('stats', [], { signal: AbortSignal.timeout(STATS_MS) });
  const { reader, fits } = value as { readonly reader: CloudReaderStats; readonly fits: WorkerPoolStats };
  return readerStats(reader, { ...fits, deaths: shard.fates.deaths });
}

function fatesOf(shards: readonly Shard[]) {
  const sum = (of: 'hung' | 'replaced') => shards.reduce((all, { fates }) => all + fates[of], 0);
  return { hung: sum('hung'), replaced: sum('replaced') };
}
