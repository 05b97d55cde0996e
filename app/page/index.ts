/** The door of the page: what tests and benchmarks call in the browser. */
export type { PageStats, TestApi } from './test-api.ts';
