/** Metrics of what counts itself: caches and queues, looked at when they are scraped. */
import { Counter, Gauge, type Registry } from 'prom-client';

/** A tier that keeps things, as it counts itself. */
interface CacheStats {
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
  readonly bytes: number;
  readonly maxBytes: number;
}

/** A queue with workers behind it. */
interface QueueStats {
  readonly queued: number;
  readonly running: number;
  readonly maxQueue: number;
  /** Workers that died and were replaced. */
  readonly deaths: number;
  /** How long a job that came now would wait, milliseconds. */
  readonly predictedWaitMs: number;
}

/** Tiles that came over the network from one place. */
interface PlaceStats {
  readonly reads: number;
  readonly bytes: number;
}

/** How the storage is read: what the steps between a read and a request did. */
interface StorageStats {
  /**
   * Second requests sent because the first was slow, those of them that were first, and those that the budget
   * did not allow.
   */
  readonly hedges: number;
  readonly hedgeWins: number;
  readonly hedgesRefused: number;
  /** Reads that were served by a request for their neighbours. */
  readonly readsMerged: number;
  /** Reads that were not sent because the object was absent a moment ago. */
  readonly negativeHits: number;
  readonly retries: number;
  readonly retriesRefused: number;
  /** Requests that waited for a place. */
  readonly limiterWaits: number;
}

/** Threads that answer for clouds. */
interface ShardsStats {
  /** That hung and were ended. */
  readonly hung: number;
  /** That hung or died and that another one took the place of. */
  readonly replaced: number;
}

/** By name; the names are label values. */
export interface ServiceStats {
  /** Where there are shards. */
  readonly shards?: ShardsStats;
  readonly storage?: StorageStats;
  readonly places?: Readonly<Record<string, PlaceStats>>;
  readonly caches: Readonly<Record<string, CacheStats>>;
  readonly queues: Readonly<Record<string, QueueStats>>;
}

interface Shown<Stats> {
  readonly name: string;
  readonly help: string;
  readonly value: (stats: Stats) => number;
}

const CACHE_METRICS: readonly Shown<CacheStats>[] = [
  { name: 'cache_hits_total', help: 'Lookups that found their entry', value: ({ hits }) => hits },
  { name: 'cache_misses_total', help: 'Lookups that did not', value: ({ misses }) => misses },
  {
    name: 'cache_evictions_total',
    help: 'Entries pushed out to make room',
    value: ({ evictions }) => evictions,
  },
  { name: 'cache_bytes', help: 'Bytes that are kept', value: ({ bytes }) => bytes },
  { name: 'cache_limit_bytes', help: 'Bytes that may be kept', value: ({ maxBytes }) => maxBytes },
];

const QUEUE_METRICS: readonly Shown<QueueStats>[] = [
  { name: 'queue_depth', help: 'Jobs that wait for a worker', value: ({ queued }) => queued },
  { name: 'queue_limit', help: 'Jobs that may wait', value: ({ maxQueue }) => maxQueue },
  { name: 'queue_running', help: 'Jobs in a worker', value: ({ running }) => running },
  {
    name: 'queue_predicted_wait_seconds',
    help: 'How long a job that came now would wait for a worker',
    value: ({ predictedWaitMs }) => predictedWaitMs / 1000,
  },
  { name: 'queue_worker_deaths_total', help: 'Workers that died', value: ({ deaths }) => deaths },
];

const PLACE_METRICS: readonly Shown<PlaceStats>[] = [
  { name: 'tile_reads_total', help: 'Tiles read over the network, by place', value: ({ reads }) => reads },
  { name: 'tile_read_bytes_total', help: 'Bytes of those tiles', value: ({ bytes }) => bytes },
];

const STORAGE_METRICS: readonly (readonly [name: keyof StorageStats, metric: string, help: string])[] = [
  ['hedges', 'hedges', 'Second requests sent because the first was slow'],
  ['hedgeWins', 'hedge_wins', 'Second requests that were answered first'],
  ['hedgesRefused', 'hedges_refused', 'Second requests that the budget did not allow'],
  ['readsMerged', 'reads_merged', 'Reads served by a request for their neighbours'],
  ['negativeHits', 'negative_hits', 'Reads not sent because the object was absent a moment ago'],
  ['retries', 'retries', 'Requests sent again after a failure'],
  ['retriesRefused', 'retries_refused', 'Requests that the budget did not allow to send again'],
  ['limiterWaits', 'limiter_waits', 'Requests that waited for others to end'],
];

const SHARDS_METRICS: readonly (readonly [name: keyof ShardsStats, help: string])[] = [
  ['hung', 'Shards that hung and were ended'],
  ['replaced', 'Shards that hung or died and were replaced'],
];

/** `stats`: as they are at the scrape that is under way; undefined: nothing is known yet. */
export function registerServiceMetrics(registry: Registry, stats: () => ServiceStats | undefined): void {
  for (const [name, metric, help] of STORAGE_METRICS)
    new Counter({
      name: `nearbox_storage_${metric}_total`,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(stats()?.storage?.[name] ?? 0);
      },
    });
  for (const [name, help] of SHARDS_METRICS)
    new Counter({
      name: `nearbox_shards_${name}_total`,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(stats()?.shards?.[name] ?? 0);
      },
    });
  for (const metric of CACHE_METRICS) register(registry, metric, 'tier', () => stats()?.caches ?? {});
  for (const metric of PLACE_METRICS) register(registry, metric, 'place', () => stats()?.places ?? {});
  for (const metric of QUEUE_METRICS) register(registry, metric, 'queue', () => stats()?.queues ?? {});
}

function register<Stats>(
  registry: Registry,
  { name, help, value }: Shown<Stats>,
  label: 'tier' | 'place' | 'queue',
  all: () => Readonly<Record<string, Stats>>,
): void {
  const settings = { name: `nearbox_${name}`, help, labelNames: [label], registers: [registry] };
  if (name.endsWith('_total'))
    new Counter({
      ...settings,
      collect() {
        this.reset();
        for (const [of, stats] of Object.entries(all())) this.inc({ [label]: of }, value(stats));
      },
    });
  else
    new Gauge({
      ...settings,
      collect() {
        for (const [of, stats] of Object.entries(all())) this.set({ [label]: of }, value(stats));
      },
    });
}
