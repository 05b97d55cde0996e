/** The door of `app/http/requests/`. */
export { fieldErrors, jsonBody, parseWith } from './body.ts';
export { queryOf } from './query.ts';
export { segmentsBehind, segmentsOf } from './request-path.ts';
