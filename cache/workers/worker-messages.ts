/** What a pool and its workers say to each other. */
import type { SentError } from './sent-error.ts';

export interface WorkerStart {
  /** URL of the module that serves the jobs. */
  readonly entry: string;
  /** What the pool's `workerData` option holds. */
  readonly data: unknown;
  /** The memory of its pulse, if anybody looks at it. */
  readonly pulse?: SharedArrayBuffer;
}

export interface JobMessage<Job> {
  readonly job: Job;
}

export type WorkerMessage<Result> =
  | { readonly type: 'ready' }
  | { readonly type: 'done'; readonly result: Result }
  | { readonly type: 'failed'; readonly error: SentError };
