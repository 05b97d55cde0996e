/** The door of `cache/workers/`. */
export { type RunOptions, WorkerPool, type WorkerPoolOptions, type WorkerPoolStats } from './worker-pool.ts';
export { poolData, type Reply, serveJobs } from './worker-port.ts';
