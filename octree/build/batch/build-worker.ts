/** Entry of a build worker thread. */
import { NearboxError } from '../../../cache/foundation/index.ts';
import { poolData, serveJobs } from '../../../cache/workers/index.ts';
import { openTarget } from '../output/index.ts';
import { buildOne, type OneJob, type OneResult } from './build-one.ts';

/** What the pool hands to its workers. */
export interface BuildWorkerData {
  readonly out: string;
  /** Becomes 1 when the work is to end. */
  readonly stop: SharedArrayBuffer;
}

const LOOK_EVERY_MS = 100;

const { out, stop } = poolData<BuildWorkerData>();
const target = openTarget(out);
const controller = new AbortController();
const flag = new Int32Array(stop);
const look = setInterval(() => {
  if (Atomics.load(flag, 0) === 0) return;
  clearInterval(look);
  controller.abort(new NearboxError('deadline_exceeded', 'stopped'));
}, LOOK_EVERY_MS);
look.unref();

serveJobs<OneJob, OneResult>(async (job) => ({
  result: await buildOne(target, job, { signal: controller.signal }),
}));
