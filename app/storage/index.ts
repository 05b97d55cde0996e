/** The door of `app/storage/`. */
export { openStorage, type Storage } from './storage.ts';
export { openUpstreams } from './upstreams.ts';
