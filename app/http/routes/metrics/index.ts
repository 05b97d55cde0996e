/** The door of `app/http/routes/metrics/`. */
export { metricsRoutes } from './metrics-route.ts';
