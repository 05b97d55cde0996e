/** The door of `app/monitoring/testing/`: which series a server shows, and which a query asks for. */
export { type Exposition, parseExposition, queriedSeries } from './promql.ts';
