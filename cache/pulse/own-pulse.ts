/** The pulse of this thread, if who started it looks at one. */
import { workerData } from 'node:worker_threads';
import { ThreadPulse } from './thread-pulse.ts';

/** Far more often than anybody looks, milliseconds. */
const BEAT_MS = 50;

const memory = (workerData as { readonly pulse?: SharedArrayBuffer } | null)?.pulse;
const own = memory === undefined ? null : new ThreadPulse(memory);

/** From now on the pulse of this thread beats with its event loop. For the first lines of a thread. */
export function startBeating(): void {
  if (own === null) return;
  own.beat();
  setInterval(() => own.beat(), BEAT_MS).unref();
}

/**
 * Runs `work`, which is in native code at any time until its promise settles; the thread is not ended
 * meanwhile.
 */
export async function duringNative<Value>(work: () => Promise<Value>): Promise<Value> {
  own?.enterNative();
  try {
    return await work();
  } finally {
    own?.leaveNative();
  }
}

/**
 * Runs `work`, which calls `setImmediate` before it returns, and blocks the thread in native code there. Only
 * that counts as native code: what the thread does between the call and its turn may hang as anything else.
 */
export async function nativeAtNextTurn<Value>(work: () => Promise<Value>): Promise<Value> {
  let isEntered = false;
  // Runs right before what `work` is about to schedule.
  const entering = setImmediate(() => {
    own?.enterNative();
    isEntered = true;
  });
  try {
    return await work();
  } finally {
    clearImmediate(entering);
    if (isEntered) own?.leaveNative();
  }
}
