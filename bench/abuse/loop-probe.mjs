/**
 * Preloaded into the server (`node --import`): measures, in each thread, the longest time that its event loop
 * was held, in processor time of that thread, so that a busy machine does not count. Linux only
 * (`/proc/thread-self/schedstat`).
 *
 * A timer fires every few milliseconds; the processor time that the thread has used since it last fired is
 * how long other work had to wait. Sends `{ holds: { THREAD: milliseconds } }` to the parent process when
 * that sends `read`, and begins anew.
 */
import { readFileSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';

const threads = createRequire(import.meta.url)('node:worker_threads');

const TICK_MS = 4;
const MAX_THREADS = 64;
const KEY = 'loop-probe';
const NAME = 'LOOP_PROBE_THREAD';

/** Longest hold of each thread, microseconds. */
const holds = threads.isMainThread
  ? new Int32Array(new SharedArrayBuffer(4 * MAX_THREADS))
  : threads.getEnvironmentData(KEY);

function cpuMicroseconds() {
  return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ', 1)[0]) / 1000;
}

function watch(slot) {
  let last = cpuMicroseconds();
  setInterval(() => {
    const now = cpuMicroseconds();
    if (now - last > Atomics.load(holds, slot)) Atomics.store(holds, slot, now - last);
    last = now;
  }, TICK_MS).unref();
}

if (threads.isMainThread) {
  const names = ['main'];
  threads.setEnvironmentData(KEY, holds);
  const { Worker } = threads;
  threads.Worker = class extends Worker {
    constructor(entry, options = {}) {
      const slot = names.push(options.name ?? 'worker') - 1;
      const env = { ...process.env, [NAME]: String(slot) };
      super(entry, { ...options, env, execArgv: [...(options.execArgv ?? []), '--import', import.meta.url] });
    }
  };
  syncBuiltinESMExports();
  watch(0);
  process.on('message', (message) => {
    if (message !== 'read') return;
    const found = {};
    for (const [slot, name] of names.entries()) {
      if (slot >= MAX_THREADS) break;
      found[name] = Math.max(found[name] ?? 0, Atomics.exchange(holds, slot, 0) / 1000);
    }
    process.send({ holds: found });
  });
  process.channel?.unref();
} else if (process.env[NAME] !== undefined && Number(process.env[NAME]) < MAX_THREADS) {
  watch(Number(process.env[NAME]));
}
