/** The door of `app/shards/`. */
export { openShards } from './open-shards.ts';
