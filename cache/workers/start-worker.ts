/** Starts a worker thread that loads a TypeScript module. */
import { Worker } from 'node:worker_threads';
import type { WorkerStart } from './worker-messages.ts';

const BOOTSTRAP = new URL('./worker-bootstrap.mjs', import.meta.url);

/** @param name the name of the thread, for tools that list threads */
export function startWorker(name: string, start: WorkerStart): Worker {
  // Does not take over the parent's flags (a loader, a coverage run): the bootstrap sets what the thread
  // needs.
  return new Worker(BOOTSTRAP, { name, workerData: start, execArgv: [] });
}
