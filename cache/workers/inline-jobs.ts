/** A bounded queue of jobs that run one at a time on this thread: a WorkerPool without threads. */
import { NearboxError, TrimmedMean } from '../foundation/index.ts';
import { FairQueue, type JobShare } from './fair-queue.ts';
import type { JobRunner, RunOptions, WorkerPoolStats } from './job-runner.ts';
import { PooledJob } from './pooled-job.ts';

export interface InlineJobsOptions<Job, Result> {
  /** What the jobs are, for messages: `inference`. */
  readonly name: string;
  /** Loads what the jobs need. Called once, by `ready()` or by the first job. */
  readonly open: () => Promise<(job: Job) => Promise<Result>>;
  /** Jobs that may wait; one more is refused as `overloaded`. Default: 256. */
  readonly maxQueue?: number;
  /** Told whenever a job enters or leaves the queue how long one that came now would wait, milliseconds. */
  readonly onWait?: ((waitMs: number) => void) | undefined;
}

interface WaitingJob<Job, Result> {
  readonly pooled: PooledJob<Job, Result>;
  readonly share: JobShare;
}

/** One job at a time, in the order of a fair queue. Between two jobs the event loop gets a turn. */
export class InlineJobs<Job, Result> implements JobRunner<Job, Result> {
  readonly #name: string;
  readonly #maxQueue: number;
  readonly #onWait: (waitMs: number) => void;
  readonly #open: () => Promise<(job: Job) => Promise<Result>>;
  readonly #queue = new FairQueue<WaitingJob<Job, Result>>();
  readonly #serviceMs = new TrimmedMean();
  #opened: Promise<(job: Job) => Promise<Result>> | null = null;
  #isReady = false;
  #isClosed = false;
  #isRunning = false;
  #working: Promise<void> | null = null;
  #finished = 0;

  constructor({ name, open, maxQueue = 256, onWait = () => {} }: InlineJobsOptions<Job, Result>) {
    if (!Number.isSafeInteger(maxQueue) || maxQueue < 1)
      throw new TypeError('`maxQueue` must be a positive integer');
    this.#name = name;
    this.#open = open;
    this.#maxQueue = maxQueue;
    this.#onWait = onWait;
  }

  async ready(): Promise<void> {
    if (this.#isClosed) throw this.#closed();
    this.#opened ??= this.#open();
    await this.#opened;
    this.#isReady = true;
  }

  run(job: Job, { signal, deadline, share = {} }: RunOptions = {}): Promise<Result> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#isClosed) return Promise.reject(this.#closed());
    if (this.#queue.size >= this.#maxQueue) return Promise.reject(this.#full());
    const leave = () => this.#queue.delete(waiting, share);
    const waiting: WaitingJob<Job, Result> = { pooled: new PooledJob<Job, Result>(job, [], leave), share };
    this.#queue.push(waiting, share);
    waiting.pooled.watch(signal, deadline, this.#name);
    this.#tellWait();
    this.#working ??= this.#work();
    return waiting.pooled.promise;
  }

  stats(share: JobShare = {}): WorkerPoolStats {
    const running = this.#isRunning ? 1 : 0;
    const serviceMs = this.#serviceMs.value;
    return {
      workers: 1,
      ready: this.#isReady ? 1 : 0,
      queued: this.#queue.size,
      running,
      maxQueue: this.#maxQueue,
      finished: this.#finished,
      deaths: 0,
      serviceMs,
      predictedWaitMs: serviceMs * (this.#queue.ahead(share) + running),
    };
  }

  /** Refuses new jobs, fails those that wait, and waits for the one that runs. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { pooled } of [...this.#queue]) pooled.reject(this.#closed());
    this.#queue.clear();
    await this.#working;
  }

  async #work(): Promise<void> {
    try {
      await this.ready();
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        await this.#run(next.pooled);
        this.#tellWait();
        // Input that came in meanwhile is handled before the next job begins.
        await new Promise((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      for (const { pooled } of [...this.#queue]) pooled.reject(error);
      this.#queue.clear();
    } finally {
      this.#working = null;
    }
  }

  async #run(pooled: PooledJob<Job, Result>): Promise<void> {
    this.#isRunning = true;
    const began = performance.now();
    try {
      const handle = await this.#opened!;
      pooled.resolve(await handle(pooled.job));
    } catch (error) {
      pooled.reject(error);
    } finally {
      this.#serviceMs.add(performance.now() - began);
      this.#finished += 1;
      this.#isRunning = false;
    }
  }

  #tellWait(): void {
    const running = this.#isRunning ? 1 : 0;
    this.#onWait(this.#serviceMs.value * (this.#queue.size + running));
  }

  #closed(): NearboxError {
    return new NearboxError('overloaded', `${this.#name} is shutting down`, { retryAfterSeconds: 1 });
  }

  #full(): NearboxError {
    const retryAfterSeconds = Math.max(1, Math.ceil(this.stats().predictedWaitMs / 1000));
    return new NearboxError('overloaded', `${this.#maxQueue} ${this.#name} jobs are waiting already`, {
      retryAfterSeconds,
    });
  }
}
