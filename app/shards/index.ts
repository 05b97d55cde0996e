/** The door of `app/shards/`. */
export { openShards } from './open-shards.ts';
export {
  openDemoOrigin,
  REHEARSED_FRAME,
  REHEARSED_PLACES,
} from './rehearsal/index.ts';
