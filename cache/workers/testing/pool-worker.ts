/** A worker for the pool's tests. It does what its job says, when the test lets it. */

import { NearboxError } from '../../foundation/index.ts';
import { poolData, serveJobs } from '../worker-port.ts';

export type TestJob =
  | { readonly do: 'echo'; readonly value: unknown }
  /** Waits until the first element is not 0 any more. */
  | { readonly do: 'wait'; readonly gate: Int32Array<SharedArrayBuffer>; readonly value: unknown }
  /** Says so in the first element, then loops for ever. */
  | { readonly do: 'loop'; readonly begun: Int32Array<SharedArrayBuffer> }
  | { readonly do: 'fail'; readonly code: 'corrupt_tile' | null }
  | { readonly do: 'throw number' }
  | { readonly do: 'uncaught' }
  | { readonly do: 'exit' }
  | { readonly do: 'data' }
  | { readonly do: 'double'; readonly values: Float32Array<ArrayBuffer> };

const data = poolData<{ readonly dieAtStart?: Int32Array<SharedArrayBuffer> } | null>();
// Dies as often as the counter says, then lives.
if (data?.dieAtStart && Atomics.sub(data.dieAtStart, 0, 1) > 0) process.exit(3);

serveJobs<TestJob, unknown>(async (job) => {
  switch (job.do) {
    case 'echo':
      return { result: job.value };
    case 'wait':
      // Blocks the thread, as native code does.
      Atomics.wait(job.gate, 0, 0);
      return { result: job.value };
    case 'loop':
      Atomics.store(job.begun, 0, 1);
      for (;;);
    case 'fail':
      if (job.code === null) throw new TypeError('not foreseen');
      throw new NearboxError(job.code, 'foreseen');
    case 'throw number':
      throw 1234567;
    case 'uncaught':
      setImmediate(() => {
        throw new Error('uncaught in the worker');
      });
      return new Promise(() => {});
    case 'exit':
      return process.exit(7);
    case 'data':
      return { result: data };
    case 'double': {
      const values = job.values.map((value) => 2 * value);
      return { result: values, transfer: [values.buffer] };
    }
  }
});
