/** The door of `app/shards/`. */
export { openShards } from './open-shards.ts';
export {
  openDemoOrigin,
  REHEARSAL_MS,
  REHEARSED_FRAME,
  REHEARSED_PLACES,
} from './rehearsal/index.ts';
