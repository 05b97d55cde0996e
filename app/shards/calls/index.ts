/** The door of `app/shards/calls/`. */
export type { EndedStorageCall, ShardReply, ShardRequest, ShardStart } from './messages.ts';
export { type FileRange, type OpenedFile, OpenFiles } from './open-files.ts';
export { type CallAnswer, type CallContext, type ShardMethod, serveCalls } from './serve-calls.ts';
export { type Called, type ShardCallOptions, ShardCalls } from './shard-calls.ts';
export { ShardObserver } from './shard-observer.ts';
export { WorkMemory } from './work-memory.ts';
