/** Warms clouds in the background: one at a time, so that it never stands in the way of a click. */
import { linked } from '../../../../cache/foundation/index.ts';
import { isNearboxError, NearboxError } from '../../../../cache/index.ts';
import type { Region } from '../../../../octree/index.ts';
import type { Clouds } from '../../../clouds/index.ts';
import type { Log } from '../../../observability/index.ts';

export interface PrefetchJob {
  readonly cloud: string;
  /** What the next clicks will be near; null: only what every click of the cloud needs. */
  readonly region: Region | null;
}

export interface PrefetcherOptions {
  readonly reader: Pick<Clouds, 'warm'>;
  readonly log: Log;
  /** Jobs that wait or run. Default: 256. */
  readonly maxJobs?: number;
  /** Longest time of one job, milliseconds. Default: 30,000. */
  readonly timeoutMs?: number;
}

export class Prefetcher {
  readonly #options: Required<PrefetcherOptions>;
  /** By what they ask for: a job that waits already is not queued twice. The first is the one that runs. */
  readonly #jobs = new Map<string, PrefetchJob>();
  readonly #closing = new AbortController();
  #running: Promise<void> | null = null;

  constructor(options: PrefetcherOptions) {
    this.#options = { maxJobs: 256, timeoutMs: 30_000, ...options };
  }

  /** Jobs that wait or run. */
  get size(): number {
    return this.#jobs.size;
  }

  /** Throws `overloaded`, and takes none of them, if that would be too many. Nothing after `close()`. */
  add(jobs: readonly PrefetchJob[]): void {
    if (this.#closing.signal.aborted) return;
    const fresh = new Map(jobs.map((job) => [JSON.stringify(job), job]));
    for (const name of this.#jobs.keys()) fresh.delete(name);
    const { maxJobs } = this.#options;
    if (this.#jobs.size + fresh.size > maxJobs)
      throw new NearboxError('overloaded', `${this.#jobs.size} of ${maxJobs} clouds to prefetch are waiting`);
    for (const [name, job] of fresh) this.#jobs.set(name, job);
    if (this.#jobs.size > 0) this.#running ??= this.#work();
  }

  /** Resolves when nothing waits or runs. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /** Gives up what waits and runs, and waits until that has ended. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the server stops'));
    await this.#running;
    this.#jobs.clear();
  }

  async #work(): Promise<void> {
    for (const [name, job] of this.#jobs) {
      if (this.#closing.signal.aborted) break;
      await this.#run(job);
      this.#jobs.delete(name);
    }
    this.#running = null;
  }

  async #run({ cloud, region }: PrefetchJob): Promise<void> {
    const { reader, log, timeoutMs } = this.#options;
    try {
      await linked(this.#closing.signal, (signal) => reader.warm(cloud, region, { signal }), {
        afterMs: timeoutMs,
        reason: () => new Error(`not done in ${timeoutMs} ms`),
      });
    } catch (error) {
      if (isNearboxError(error, 'not_found') || this.#closing.signal.aborted) return;
      if (isNearboxError(error)) log.info('a cloud was not prefetched', { cloud, why: error.message });
      else log.warn('a cloud was not prefetched', { cloud, error });
    }
  }
}
