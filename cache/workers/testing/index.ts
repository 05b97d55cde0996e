/** The door of `cache/workers/testing/`. */
export type { TestJob } from './pool-worker.ts';
