/** What a pool and its workers say to each other. */
import { ERROR_CODES, type ErrorCode, NearboxError } from '../foundation/index.ts';

export interface WorkerStart {
  /** URL of the module that serves the jobs. */
  readonly entry: string;
  /** What the pool's `workerData` option holds. */
  readonly data: unknown;
}

export interface JobMessage<Job> {
  readonly job: Job;
}

export type WorkerMessage<Result> =
  | { readonly type: 'ready' }
  | { readonly type: 'done'; readonly result: Result }
  | { readonly type: 'failed'; readonly error: SentError };

/** An error in a form that survives the way between threads. */
export interface SentError {
  readonly code: ErrorCode | null;
  readonly message: string;
  readonly stack: string | null;
}

/** WebAssembly throws numbers and strings as well; those have no message worth showing. */
export function toSentError(error: unknown): SentError {
  if (!(error instanceof Error)) return { code: null, message: `thrown: ${String(error)}`, stack: null };
  const code = (error as { code?: unknown }).code;
  return {
    code: ERROR_CODES.find((known) => known === code) ?? null,
    message: error.message,
    stack: error.stack ?? null,
  };
}

/** A NearboxError keeps its code; anything else was not foreseen and is `internal`. */
export function fromSentError({ code, message, stack }: SentError): NearboxError {
  const cause = new Error(message);
  if (stack !== null) cause.stack = stack;
  return new NearboxError(code ?? 'internal', message, { cause });
}
