/** The worker's side of a WorkerPool. */
import { parentPort, type Transferable, workerData } from 'node:worker_threads';
import { startBeating } from '../pulse/index.ts';
import { toSentError } from './sent-error.ts';
import type { JobMessage, WorkerMessage, WorkerStart } from './worker-messages.ts';

/** A job's result, and the buffers in it that move to the pool's thread instead of being copied. */
export interface Reply<Result> {
  readonly result: Result;
  readonly transfer?: readonly Transferable[];
}

/** What the pool's `workerData` option holds. */
export function poolData<Data>(): Data {
  return (workerData as WorkerStart).data as Data;
}

/**
 * Serves jobs, one at a time as the pool sends them, and reports the worker ready. Call it once, after
 * everything is loaded and warm.
 */
export function serveJobs<Job, Result>(handle: (job: Job) => Promise<Reply<Result>> | Reply<Result>): void {
  const port = parentPort;
  if (port === null) throw new Error('serveJobs() runs in a worker thread');
  const send = (message: WorkerMessage<Result>, transfer: readonly Transferable[] = []) =>
    port.postMessage(message, transfer as Transferable[]);

  const serve = async ({ job }: JobMessage<Job>) => {
    try {
      const { result, transfer } = await handle(job);
      send({ type: 'done', result }, transfer);
    } catch (error) {
      send({ type: 'failed', error: toSentError(error) });
    }
  };
  startBeating();
  port.on('message', (message: JobMessage<Job>) => void serve(message));
  send({ type: 'ready' });
}
