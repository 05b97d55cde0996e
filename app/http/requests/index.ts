/** The door of `app/http/requests/`. */
export { fieldErrors, jsonBody, jsonDocument, parseWith } from './body.ts';
export { ClientGone } from './client-gone.ts';
export { type HeldRoom, HttpMemory } from './http-memory.ts';
export { queryOf } from './query.ts';
export { canonicalPath, MAX_TARGET_BYTES, pathSegments, segmentsBehind } from './request-path.ts';
