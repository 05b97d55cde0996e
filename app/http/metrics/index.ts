/** The door of `app/http/metrics/`. */
export { Metrics } from './metrics.ts';
export type { ServiceStats } from './service-metrics.ts';
