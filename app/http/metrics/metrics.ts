/**
 * What Prometheus reads: names and units by its conventions, no ids among the labels. docs/metrics.md lists
 * all of it.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { ERROR_CODES, type ErrorCode } from '../../../cache/index.ts';
import type { ModelIdentity, Prediction } from '../../../inference/index.ts';
import type { LifecycleState } from '../../lifecycle/index.ts';
import type { StorageCall } from '../../observability/index.ts';
import { packageVersion } from '../../package/index.ts';
import { registerServiceMetrics, type ServiceStats } from './service-metrics.ts';

/** What is counted elsewhere and looked up when it is asked for. */
export interface Watched {
  readonly stats: () => ServiceStats | Promise<ServiceStats>;
  readonly lifecycle: { readonly state: LifecycleState };
  /** Every version of the network, the default first. */
  readonly models: readonly ModelIdentity[];
}

/**
 * Seconds. The objective for a warm click (0.1) and for a cold one (0.4) are edges, and so is what lies just
 * below the latter.
 */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 1, 2.5, 5, 10, 30];

/** The stages of a prediction, as the answer's timings name them, and what each is. */
const STAGES = {
  infer: ['inference', 'Time in the network, one prediction'],
  fetch: ['fetch', 'Wait for stored bytes, predictions that found not all in memory'],
  queue: ['queue', 'Wait for the network, one prediction'],
  decode: ['decode', 'Wait for decoding, predictions that found not all in memory'],
  resolve: ['resolve', "Wait for the cloud's version and hierarchy, one prediction"],
  crop: ['crop', 'Time to cut out the points, one prediction'],
} as const;

/** Methods that the routes know; any other is one label value, however many a client makes up. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'OPTIONS', 'PUT', 'PATCH', 'DELETE']);

/** prom-client's gauges that Prometheus' own linter refuses: `_total` is for counters. */
const MISNAMED = ['handles', 'requests', 'resources'].map((of) => `nodejs_active_${of}_total`);

export class Metrics {
  readonly #registry = new Registry();
  readonly #requests: Histogram<'method' | 'route' | 'status'>;
  readonly #inFlight: Gauge;
  readonly #errors: Counter<'code'>;
  readonly #stages: Readonly<Record<keyof typeof STAGES, Histogram>>;
  readonly #predictions: Counter<'method' | 'model_version'>;
  readonly #storage: Histogram<'operation' | 'outcome'>;
  readonly #storageBytes: Counter;
  #watched: Watched | undefined;
  /** As they were at the scrape that is under way. */
  #stats: ServiceStats | undefined;
  #hasDefaults = false;

  constructor() {
    const registers = [this.#registry];
    const histogram = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
      new Histogram({ name: `nearbox_${name}_seconds`, help, labelNames, buckets: BUCKETS, registers });
    const stages = Object.entries(STAGES).map(([stage, [name, help]]) => [
      stage,
      histogram(`${name}_duration`, help, []),
    ]);
    this.#stages = Object.fromEntries(stages);
    this.#requests = histogram(
      'http_request_duration',
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
    this.#predictions = new Counter({
      name: 'nearbox_predictions_total',
      help: 'Boxes answered, by who fitted them and by the version of the network',
      labelNames: ['method', 'model_version'],
      registers,
    });
    // A series that begins with its first event hides that event from rate().
    for (const code of ERROR_CODES) this.#errors.inc({ code }, 0);
    this.#storage = histogram(
      'storage_request_duration',
      'Time of one call of the storage, second attempts included, by what came of it',
      ['operation', 'outcome'],
    );
    this.#storageBytes = new Counter({
      name: 'nearbox_storage_read_bytes_total',
      help: 'Bytes that the storage gave',
      registers,
    });
    this.#addState();
    registerServiceMetrics(this.#registry, () => this.#stats);
  }

  readonly mediaType = Registry.PROMETHEUS_CONTENT_TYPE;

  /** What `/metrics` shows of caches, queues, readiness and the model from now on. */
  watch(watched: Watched): void {
    this.#watched = watched;
    // A series that begins with its first event hides that event from rate().
    for (const { version: model_version } of watched.models)
      for (const method of ['model', 'geometric']) this.#predictions.inc({ method, model_version }, 0);
  }

  /**
   * Begins to observe processor time, memory, event loop and collector. A server does so at its start, so
   * that its first scrape is right.
   */
  observeProcess(): void {
    if (this.#hasDefaults) return;
    this.#hasDefaults = true;
    collectDefaultMetrics({ register: this.#registry });
    for (const name of MISNAMED) this.#registry.removeSingleMetric(name);
  }

  /** The exposition text. */
  async text(): Promise<string> {
    this.observeProcess();
    this.#stats = await this.#watched?.stats();
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
    const labels = { method: METHODS.has(method) ? method : 'other', route };
    return (status) => {
      this.#inFlight.dec();
      this.#requests.observe({ ...labels, status: String(status) }, (performance.now() - began) / 1000);
    };
  }

  countError(code: ErrorCode): void {
    this.#errors.inc({ code });
  }

  observePrediction({ method, model, timings, cost }: Prediction): void {
    this.#predictions.inc({ method, model_version: model.version });
    const { infer, queue, resolve, crop, fetch, decode } = this.#stages;
    infer.observe(timings.inferMs / 1000);
    queue.observe(timings.queueMs / 1000);
    resolve.observe(timings.resolveMs / 1000);
    crop.observe(timings.cropMs / 1000);
    if (cost.memory === cost.nodes) return;
    fetch.observe(timings.fetchMs / 1000);
    decode.observe(timings.decodeMs / 1000);
  }

  observeStorage({ operation, outcome, ms, bytes }: StorageCall): void {
    this.#storage.observe({ operation, outcome }, ms / 1000);
    this.#storageBytes.inc(bytes);
  }

  #addState(): void {
    const watched = () => this.#watched;
    new Gauge({
      name: 'nearbox_ready',
      help: '1 while the server is warm and not stopping, else 0',
      registers: [this.#registry],
      collect() {
        this.set(watched()?.lifecycle.state === 'ready' ? 1 : 0);
      },
    });
    new Gauge({
      name: 'nearbox_build_info',
      help: 'Always 1; the labels say what runs',
      labelNames: ['version', 'model', 'model_version', 'node'],
      registers: [this.#registry],
      collect() {
        const { name: model = '', version: model_version = '' } = watched()?.models[0] ?? {};
        this.set({ version: packageVersion(), model, model_version, node: process.versions.node }, 1);
      },
    });
  }
}
