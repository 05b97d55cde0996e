/** The door of `app/monitoring/`. */
export { parseExposition } from './promql.ts';
