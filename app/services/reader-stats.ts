/** What a reader and a fit engine count, in the form that metrics are made of. */
import type { CloudReaderStats, WorkerPoolStats } from '../../octree/index.ts';
import type { ServiceStats } from '../http/index.ts';

export function readerStats(reader: CloudReaderStats, fits: WorkerPoolStats): ServiceStats {
  const { tiles, metadata, disk, bytes, decoders, origin } = reader;
  const { coalesced, hedging, retrying, limiter, negativeHits } = origin;
  return {
    storage: {
      hedges: hedging.hedges,
      hedgeWins: hedging.wins,
      hedgesRefused: hedging.refused,
      readsMerged: coalesced.asked - coalesced.sent,
      negativeHits,
      retries: retrying.retries,
      retriesRefused: retrying.refused,
      limiterWaits: limiter.waited,
    },
    caches: { tiles, stored: bytes.recent, metadata, ...(disk !== null && { disk }) },
    places: { origin: { reads: bytes.originReads, bytes: bytes.originBytes }, ...bytes.upstreams },
    queues: { inference: fits, decode: decoders },
  };
}

/** The stats of several as those of one: counts are added, waits are those of the longest queue. */
export function combinedStats(all: readonly ServiceStats[]): ServiceStats {
  const { storage } = combined(all.map((each) => ({ storage: each.storage ?? {} })));
  return {
    ...(storage !== undefined && { storage: storage as NonNullable<ServiceStats['storage']> }),
    caches: combined(all.map(({ caches }) => caches)),
    places: combined(all.map(({ places = {} }) => places)),
    queues: combined(all.map(({ queues }) => queues)),
  };
}

type Numbers = Readonly<Record<string, number>>;

function combined<Stats extends object>(
  all: readonly Readonly<Record<string, Stats>>[],
): Readonly<Record<string, Stats>> {
  const result: Record<string, Record<string, number>> = {};
  for (const each of all)
    for (const [name, stats] of Object.entries(each)) {
      const sums = result[name] ?? {};
      result[name] = sums;
      for (const [field, value] of Object.entries(stats as unknown as Numbers))
        sums[field] =
          field === 'predictedWaitMs' ? Math.max(sums[field] ?? 0, value) : (sums[field] ?? 0) + value;
    }
  return result as unknown as Readonly<Record<string, Stats>>;
}
