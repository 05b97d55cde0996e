/** The door of `app/shards/rehearsal/`: clicks before the server is ready. */
export { REHEARSED_FRAME, REHEARSED_PLACES } from './clicks.ts';
export { openDemoOrigin } from './demo-origin.ts';
export { rehearseThread } from './rehearse-thread.ts';
export { ShardRehearsal } from './shard-rehearsal.ts';
