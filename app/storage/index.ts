/** The door of `app/storage/`. */
export { openStorage } from './storage.ts';
export { openUpstreams } from './upstreams.ts';
