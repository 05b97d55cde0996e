/** The door of `app/http/routes/prefetch/`. */

export { prefetchRoutes } from './prefetch.ts';
export { Prefetcher } from './prefetcher.ts';
