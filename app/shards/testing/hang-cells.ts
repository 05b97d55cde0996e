/** What a test and a thread that hangs tell each other through shared memory. */

/** Whether the thread has begun, and whether it may go on. */
export const [BEGUN, GATE] = [0, 1];

/** The module of the thread. */
export const HANGING_SHARD = new URL('./hanging-shard-worker.ts', import.meta.url).href;
