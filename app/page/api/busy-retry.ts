/** Calls that are made again while the server has too much to do. */
import { pause } from './pause.ts';
import { ApiError } from './types.ts';

const ATTEMPTS = 4;
const AGAIN_AFTER_MS = 2000;

export interface BusyRetryOptions {
  readonly signal: AbortSignal;
  /** Resolves after a while; rejects when the signal aborts. */
  readonly wait?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined;
}

/**
 * Calls a few times as long as the server is busy or cannot be reached. Rejects with what the last call says.
 */
export async function retriedWhileBusy<T>(
  call: () => Promise<T>,
  { signal, wait = pause }: BusyRetryOptions,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      if (!isBusy(error) || attempt === ATTEMPTS) throw error;
      await wait((error.retryAfterSeconds ?? 0) * 1000 || AGAIN_AFTER_MS, signal);
    }
  }
}

function isBusy(error: unknown): error is ApiError {
  return error instanceof ApiError && (error.status === 0 || error.status === 429 || error.status === 503);
}
