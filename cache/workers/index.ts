/** The door of `cache/workers/`. */
export { FairQueue, type JobShare } from './fair-queue.ts';
export { InlineJobs, type InlineJobsOptions } from './inline-jobs.ts';
export type { JobRunner, RunOptions, WorkerPoolStats } from './job-runner.ts';
export { fromSentError, type SentError, toSentError } from './sent-error.ts';
export { startWorker } from './start-worker.ts';
export { WorkerPool, type WorkerPoolOptions } from './worker-pool.ts';
export { poolData, type Reply, serveJobs } from './worker-port.ts';
