/** What runs jobs: worker threads behind a queue (WorkerPool), or this thread (InlineJobs). */
import type { Transferable } from 'node:worker_threads';
import type { JobShare } from './fair-queue.ts';

export interface RunOptions {
  /**
   * Gives up: a job that waits leaves the queue; of one that runs, the result is dropped. Rejects with the
   * signal's reason.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * When to give up, on the clock of `performance.now()`. Rejects with `deadline_exceeded`, at that time and
   * not when a worker gets free.
   */
  readonly deadline?: number | undefined;
  /** Buffers in the job that move to the worker instead of being copied. */
  readonly transfer?: readonly Transferable[] | undefined;
  /**
   * The queue whose turn the job takes, if the runner is fair (`InlineJobs`). Default: one queue for all jobs
   * without a name.
   */
  readonly share?: JobShare | undefined;
}

/** A runner at this moment. */
export interface WorkerPoolStats {
  readonly workers: number;
  /** Workers that are loaded and alive. */
  readonly ready: number;
  /** Jobs waiting for a worker. */
  readonly queued: number;
  /** Jobs in a worker. */
  readonly running: number;
  readonly maxQueue: number;
  /** Jobs that a worker has answered, well or not. */
  readonly finished: number;
  /** Workers that died. */
  readonly deaths: number;
  /** Trimmed mean of the time that a job takes in a worker, milliseconds; 0 before the first one. */
  readonly serviceMs: number;
  /** How long a job that came now would wait for a worker, milliseconds, by that mean. */
  readonly predictedWaitMs: number;
}

export interface JobRunner<Job, Result> {
  /** Resolves when the first job can begin at once. */
  ready(): Promise<void>;
  /**
   * @throws NearboxError `overloaded` if too many jobs wait or the runner is closed, `deadline_exceeded`; the
   *   signal's reason; what the job throws.
   */
  run(job: Job, options?: RunOptions): Promise<Result>;
  /** `share`: the wait is predicted for a job of it, where the runner has shares. */
  stats(share?: JobShare): WorkerPoolStats;
  /** Refuses new jobs, fails those that wait, waits for those that run. */
  close(): Promise<void>;
}
