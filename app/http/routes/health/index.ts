/** The door of `app/http/routes/health/`. */
export { healthRoutes } from './health.ts';
