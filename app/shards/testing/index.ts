/** The door of `app/shards/testing/`. */
export { BEGUN, GATE, HANGING_SHARD } from './hang-cells.ts';
