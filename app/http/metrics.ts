/** What Prometheus reads: names and units by its conventions, no ids among the labels. docs/metrics.md lists all of it. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ErrorCode } from '../../cache/index.ts';
import type { Prediction } from '../../inference/index.ts';

/** A tier that keeps things, as it counts itself. */
export interface CacheStats {
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
  readonly bytes: number;
  readonly maxBytes: number;
}

/** A queue with workers behind it. */
export interface QueueStats {
  readonly queued: number;
  readonly running: number;
  readonly maxQueue: number;
}

/** What is counted elsewhere and looked up when it is asked for, by name. */
export interface ServiceStats {
  readonly caches: Readonly<Record<string, CacheStats>>;
  readonly queues: Readonly<Record<string, QueueStats>>;
}

/** Seconds. The objective for a warm click (0.1) and for a cold one (0.4) are edges, and so is what lies just below the latter. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 1, 2.5, 5, 10, 30];

const NO_STATS: ServiceStats = { caches: {}, queues: {} };

export class Metrics {
  readonly #registry = new Registry();
  readonly #requests: Histogram<'method' | 'route' | 'status'>;
  readonly #inFlight: Gauge;
  readonly #errors: Counter<'code'>;
  readonly #stages: Readonly<Record<'infer' | 'queue' | 'fetch' | 'decode', Histogram>>;
  readonly #predictions: Counter<'method'>;
  #hasDefaults = false;

  constructor(stats: () => ServiceStats = () => NO_STATS) {
    const registers = [this.#registry];
    const histogram = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
      new Histogram({ name, help, labelNames, buckets: BUCKETS, registers });
    this.#requests = histogram(
      'nearbox_http_request_duration_seconds',
      'Time until the head of the answer, by route template and status',
      ['method', 'route', 'status'],
    );
    this.#inFlight = new Gauge({
      name: 'nearbox_http_requests_in_flight',
      help: 'Requests that are being answered',
      registers,
    });
    this.#errors = new Counter({
      name: 'nearbox_errors_total',
      help: 'Problems answered, by code; those of batch items included',
      labelNames: ['code'],
      registers,
    });
    this.#stages = {
      infer: histogram('nearbox_inference_duration_seconds', 'Time in the network, one prediction', []),
      queue: histogram('nearbox_queue_duration_seconds', 'Wait for the network, one prediction', []),
      fetch: histogram(
        'nearbox_fetch_duration_seconds',
        'Wait for stored bytes, predictions that fetched',
        [],
      ),
      decode: histogram('nearbox_decode_duration_seconds', 'Wait for decoding, predictions that fetched', []),
    };
    this.#predictions = new Counter({
      name: 'nearbox_predictions_total',
      help: 'Boxes answered, by who fitted them',
      labelNames: ['method'],
      registers,
    });
    this.#addCaches(() => stats().caches);
    this.#addQueues(() => stats().queues);
  }

  readonly mediaType = Registry.PROMETHEUS_CONTENT_TYPE;

  /** The exposition text. */
  async text(): Promise<string> {
    // Not before they are asked for: an application that nobody scrapes needs no observers.
    if (!this.#hasDefaults) collectDefaultMetrics({ register: this.#registry });
    this.#hasDefaults = true;
    return this.#registry.metrics();
  }

  /** Names of the metrics of nearbox's own. */
  names(): string[] {
    return this.#registry
      .getMetricsAsArray()
      .map(({ name }) => name)
      .filter((name) => name.startsWith('nearbox_'));
  }

  /** Counts a request from now on; the function that comes back is to be called with its status once. */
  requestBegan(method: string, route: string): (status: number) => void {
    const began = performance.now();
    this.#inFlight.inc();
    return (status) => {
      this.#inFlight.dec();
      this.#requests.observe({ method, route, status: String(status) }, (performance.now() - began) / 1000);
    };
  }

  countError(code: ErrorCode): void {
    this.#errors.inc({ code });
  }

  observePrediction({ method, timings, cost }: Prediction): void {
    this.#predictions.inc({ method });
    this.#stages.infer.observe(timings.inferMs / 1000);
    this.#stages.queue.observe(timings.queueMs / 1000);
    if (cost.memory === cost.nodes) return;
    this.#stages.fetch.observe(timings.fetchMs / 1000);
    this.#stages.decode.observe(timings.decodeMs / 1000);
  }

  #addCaches(stats: () => ServiceStats['caches']): void {
    const registers = [this.#registry];
    const labelNames = ['tier'];
    const counters = [
      ['hits', 'Lookups that found their entry'],
      ['misses', 'Lookups that did not'],
      ['evictions', 'Entries pushed out to make room'],
    ] as const;
    for (const [field, help] of counters)
      new Counter({
        name: `nearbox_cache_${field}_total`,
        help,
        labelNames,
        registers,
        collect() {
          this.reset();
          for (const [tier, cache] of Object.entries(stats())) this.inc({ tier }, cache[field]);
        },
      });
    const gauges = [
      ['nearbox_cache_bytes', 'bytes', 'Bytes that are kept'],
      ['nearbox_cache_limit_bytes', 'maxBytes', 'Bytes that may be kept'],
    ] as const;
    for (const [name, field, help] of gauges)
      new Gauge({
        name,
        help,
        labelNames,
        registers,
        collect() {
          for (const [tier, cache] of Object.entries(stats())) this.set({ tier }, cache[field]);
        },
      });
  }

  #addQueues(stats: () => ServiceStats['queues']): void {
    const gauges = [
      ['nearbox_queue_depth', 'queued', 'Jobs that wait for a worker'],
      ['nearbox_queue_limit', 'maxQueue', 'Jobs that may wait'],
      ['nearbox_queue_running', 'running', 'Jobs in a worker'],
    ] as const;
    for (const [name, field, help] of gauges)
      new Gauge({
        name,
        help,
        labelNames: ['queue'],
        registers: [this.#registry],
        collect() {
          for (const [queue, of] of Object.entries(stats())) this.set({ queue }, of[field]);
        },
      });
  }
}
