/** Worker threads behind a bounded queue. For tile decoding and for inference alike. */
import { NearboxError, TrimmedMean } from '../foundation/index.ts';
import { LOOKS } from '../pulse/index.ts';
import type { JobRunner, RunOptions, WorkerPoolStats } from './job-runner.ts';
import { PooledJob } from './pooled-job.ts';
import { fromSentError } from './sent-error.ts';
import type { WorkerMessage } from './worker-messages.ts';
import { WorkerSlot } from './worker-slot.ts';

export interface WorkerPoolOptions {
  /** What the workers do, for messages and thread names: `decode`, `inference`. */
  readonly name: string;
  /**
   * The module that calls `serveJobs`: `new URL('../../octree/decode/decode-worker.ts', import.meta.url)`.
   */
  readonly entry: URL;
  /** Threads. Default: 1. */
  readonly workers?: number;
  /** Jobs that may wait for a worker; one more is refused as `overloaded`. Default: 256. */
  readonly maxQueue?: number;
  /** Handed to every worker: `poolData()` there. Must be cloneable. */
  readonly workerData?: unknown;
  /**
   * After this many deaths in a row without a finished job, waiting jobs fail instead of waiting for another
   * worker. Default: 5.
   */
  readonly maxDeathsInARow?: number;
  /**
   * Pause before a dead worker is replaced, in milliseconds. Doubles with every death in a row, up to 10 s.
   * Default: 50.
   */
  readonly restartDelayMs?: number;
  /**
   * Whether a worker is ended and replaced whose event loop stands still for a minute in a job, outside of
   * native code. For jobs of which none takes that long. Default: no.
   */
  readonly endsHung?: boolean;
}

const DEFAULTS = {
  workers: 1,
  maxQueue: 256,
  maxDeathsInARow: 5,
  restartDelayMs: 50,
  endsHung: false,
} as const;
/** Far more than the largest node takes on a busy machine. */
const HANG_MS = 60_000;
const MAX_RESTART_DELAY_MS = 10_000;

/**
 * `workers` threads, started with the first job or `ready()`. A running job is never cut off (native code
 * does not survive that); its caller may leave. If a worker dies, its job fails with `internal` and the
 * worker is replaced, after growing pauses if it happens again. One that hangs is ended, and its job is
 * `overloaded`.
 */
export class WorkerPool<Job, Result> implements JobRunner<Job, Result> {
  readonly #options: Required<WorkerPoolOptions>;
  readonly #slots = new Map<WorkerSlot<Result>, PooledJob<Job, Result> | null>();
  readonly #queue = new Set<PooledJob<Job, Result>>();
  readonly #restarts = new Set<NodeJS.Timeout>();
  readonly #serviceMs = new TrimmedMean();
  readonly #readyWaiters = new Set<{ resolve: () => void; reject: (error: unknown) => void }>();
  #state: 'new' | 'open' | 'closing' = 'new';
  #onIdle: (() => void) | null = null;
  #watching: NodeJS.Timeout | undefined;
  #deathsInARow = 0;
  #deaths = 0;
  #finished = 0;
  #lastDeath: unknown = null;

  constructor(options: WorkerPoolOptions) {
    this.#options = { ...DEFAULTS, workerData: null, ...options };
    for (const name of ['workers', 'maxQueue', 'maxDeathsInARow'] as const) {
      const value = this.#options[name];
      if (!Number.isSafeInteger(value) || value < 1)
        throw new TypeError(`\`${name}\` must be a positive integer`);
    }
    if (!(this.#options.restartDelayMs >= 0)) throw new TypeError('`restartDelayMs` must be 0 or more');
  }

  /** Starts the workers; resolves when all of them are loaded, rejects if they keep dying. */
  ready(): Promise<void> {
    if (this.#state === 'closing') return Promise.reject(this.#closed());
    this.#open();
    if (this.stats().ready === this.#options.workers) return Promise.resolve();
    if (this.#isBroken()) return Promise.reject(this.#broken());
    return new Promise((resolve, reject) => this.#readyWaiters.add({ resolve, reject }));
  }

  run(job: Job, { signal, deadline, transfer = [] }: RunOptions = {}): Promise<Result> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#state === 'closing') return Promise.reject(this.#closed());
    this.#open();
    if (this.#isBroken()) return Promise.reject(this.#broken());
    if (this.#queue.size >= this.#options.maxQueue) return Promise.reject(this.#full());
    const pooled = new PooledJob<Job, Result>(job, transfer, (left) => this.#queue.delete(left));
    this.#queue.add(pooled);
    pooled.watch(signal, deadline, this.#options.name);
    this.#dispatch();
    return pooled.promise;
  }

  stats(): WorkerPoolStats {
    const { workers, maxQueue } = this.#options;
    const jobs = [...this.#slots];
    const running = jobs.filter(([, job]) => job !== null).length;
    const busy = running >= workers ? 1 : 0;
    const serviceMs = this.#serviceMs.value;
    return {
      workers,
      ready: jobs.filter(([slot]) => !slot.isStarting).length,
      queued: this.#queue.size,
      running,
      maxQueue,
      finished: this.#finished,
      deaths: this.#deaths,
      serviceMs,
      predictedWaitMs: (serviceMs * (this.#queue.size + busy)) / workers,
    };
  }

  /** Refuses new jobs, fails waiting ones, lets running ones finish, then ends the threads. */
  async close(): Promise<void> {
    if (this.#state === 'closing') return;
    this.#state = 'closing';
    for (const timer of this.#restarts) clearTimeout(timer);
    this.#restarts.clear();
    this.#failWaiting(this.#closed());
    if (!this.#isQuiet()) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    clearInterval(this.#watching);
    await Promise.all([...this.#slots.keys()].map((slot) => slot.terminate()));
    this.#slots.clear();
  }

  /** Ends and replaces workers that hang. The pool calls it at regular intervals if it `endsHung`. */
  look(): void {
    const { name } = this.#options;
    for (const slot of [...this.#slots.keys()]) {
      if (!slot.endIfHung()) continue;
      const error = new NearboxError('overloaded', `the ${name} worker hung and is being replaced`, {
        retryAfterSeconds: 1,
      });
      this.#bury(slot, error, error);
    }
  }

  #open(): void {
    if (this.#state !== 'new') return;
    this.#state = 'open';
    for (let i = 0; i < this.#options.workers; i++) this.#start();
    if (this.#options.endsHung) this.#watching = setInterval(() => this.look(), HANG_MS / LOOKS).unref();
  }

  #start(): void {
    const { name, entry, workerData } = this.#options;
    const slot = new WorkerSlot<Result>(
      `nearbox ${name}`,
      { entry: entry.href, data: workerData },
      {
        onReady: () => this.#settle(),
        onMessage: (from, message) => this.#finish(from, message),
        onDeath: (from, error) =>
          this.#bury(
            from,
            error,
            new NearboxError('internal', `the ${name} worker died (${describe(error)})`, { cause: error }),
          ),
      },
    );
    this.#slots.set(slot, null);
  }

  #dispatch(): void {
    for (const [slot, current] of this.#slots) {
      if (current !== null || !slot.isIdle) continue;
      const [next] = this.#queue;
      if (next === undefined) return;
      this.#queue.delete(next);
      try {
        slot.post(next.job, next.transfer);
        next.begin();
        this.#slots.set(slot, next);
      } catch (error) {
        next.reject(error);
      }
    }
  }

  #finish(slot: WorkerSlot<Result>, message: Exclude<WorkerMessage<Result>, { type: 'ready' }>): void {
    const job = this.#slots.get(slot);
    this.#slots.set(slot, null);
    this.#deathsInARow = 0;
    this.#finished += 1;
    if (job) {
      this.#serviceMs.add(job.serviceMs());
      if (message.type === 'done') job.resolve(message.result);
      else job.reject(fromSentError(message.error));
    }
    this.#settle();
  }

  #bury(slot: WorkerSlot<Result>, cause: unknown, error: NearboxError): void {
    const job = this.#slots.get(slot);
    this.#slots.delete(slot);
    this.#deaths += 1;
    this.#deathsInARow += 1;
    this.#lastDeath = cause;
    job?.reject(error);
    if (this.#state === 'open') this.#restartLater();
    if (this.#isBroken()) this.#failWaiting(this.#broken());
    this.#settle();
  }

  #restartLater(): void {
    const delay = Math.min(
      MAX_RESTART_DELAY_MS,
      this.#options.restartDelayMs * 2 ** (this.#deathsInARow - 1),
    );
    const timer = setTimeout(() => {
      this.#restarts.delete(timer);
      this.#start();
    }, delay);
    // No job waits, so the pause must not keep a finished process alive.
    if (this.#isBroken()) timer.unref();
    this.#restarts.add(timer);
  }

  /** After any change: jobs to idle workers, and word to those who wait for the pool to be ready or quiet. */
  #settle(): void {
    if (this.#state === 'closing') {
      if (this.#isQuiet()) this.#onIdle?.();
      return;
    }
    this.#dispatch();
    if (this.#readyWaiters.size > 0 && this.stats().ready === this.#options.workers) {
      for (const { resolve } of this.#readyWaiters) resolve();
      this.#readyWaiters.clear();
    }
  }

  #failWaiting(error: NearboxError): void {
    for (const job of [...this.#queue]) job.reject(error);
    this.#queue.clear();
    for (const { reject } of this.#readyWaiters) reject(error);
    this.#readyWaiters.clear();
  }

  /** No thread is busy or in the middle of its start: all of them can be ended. */
  #isQuiet(): boolean {
    return [...this.#slots].every(([slot, job]) => job === null && !slot.isStarting);
  }

  /** Workers keep dying and none is alive: jobs fail at once until a replacement has come up. */
  #isBroken(): boolean {
    if (this.#deathsInARow < this.#options.maxDeathsInARow) return false;
    return [...this.#slots.keys()].every((slot) => slot.isStarting);
  }

  #broken(): NearboxError {
    const cause = this.#lastDeath;
    return new NearboxError('internal', `the ${this.#options.name} workers keep dying (${describe(cause)})`, {
      cause,
    });
  }

  #closed(): NearboxError {
    return new NearboxError('overloaded', `${this.#options.name} is shutting down`, { retryAfterSeconds: 1 });
  }

  #full(): NearboxError {
    const { name, maxQueue } = this.#options;
    const retryAfterSeconds = Math.max(1, Math.ceil(this.stats().predictedWaitMs / 1000));
    return new NearboxError('overloaded', `${maxQueue} ${name} jobs are waiting already`, {
      retryAfterSeconds,
    });
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
