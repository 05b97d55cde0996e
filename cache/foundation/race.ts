/** Attempts at one value, of which the first good one ends the others. */
import { whenAborted } from './signals/index.ts';
import type { Timing } from './timing.ts';

export interface Race<Value> {
  /** Attempts that have not settled. */
  readonly running: number;
  /**
   * Starts an attempt under a signal of its own and calls `onValue` or `onError` when it settles, unless the
   * race has ended by then.
   */
  attempt<T>(
    send: (signal: AbortSignal) => Promise<T>,
    onValue: (value: T) => void,
    onError: (error: unknown) => void,
  ): void;
  /** Calls `then` after `ms`, unless the race ends first. Replaces the timer that was set before. */
  after(ms: number, then: () => void): void;
  cancelTimer(): void;
  /** Ends the race: attempts that still run are aborted. */
  resolve(value: Value): void;
  /** Ends the race with a failure; attempts that still run are aborted with it. */
  reject(error: unknown): void;
}

/**
 * Runs a race that `begin` starts and steers. Rejects with the signal's reason as soon as `signal` aborts,
 * and aborts all attempts. However it ends, no timer and no listener is left behind, and `onEnd` is called.
 */
export function race<Value>(
  timing: Timing,
  signal: AbortSignal | undefined,
  begin: (race: Race<Value>) => void,
  onEnd: () => void = () => {},
): Promise<Value> {
  if (signal?.aborted) return Promise.reject(signal.reason);
  return new Promise<Value>((resolve, reject) => {
    const attempts: AbortController[] = [];
    let running = 0;
    let cancelTimer = () => {};
    let hasEnded = false;

    const end = (settle: () => void, reason: () => unknown) => {
      if (hasEnded) return;
      hasEnded = true;
      cancelTimer();
      onEnd();
      unlink();
      settle();
      // A single attempt that has settled leaves nothing to abort.
      if (running > 0) for (const attempt of attempts) attempt.abort(reason());
    };
    const fail = (error: unknown) =>
      end(
        () => reject(error),
        () => error,
      );
    const unlink = whenAborted(signal, fail);
    begin({
      get running() {
        return running;
      },
      attempt(send, onValue, onError) {
        const controller = new AbortController();
        attempts.push(controller);
        running += 1;
        send(controller.signal).then(
          (value) => {
            running -= 1;
            if (!hasEnded) onValue(value);
          },
          (error: unknown) => {
            running -= 1;
            if (!hasEnded) onError(error);
          },
        );
      },
      after(ms, then) {
        cancelTimer();
        cancelTimer = timing.after(ms, then);
      },
      cancelTimer: () => cancelTimer(),
      resolve: (value) =>
        end(
          () => resolve(value),
          () => new Error('another attempt was faster'),
        ),
      reject: fail,
    });
  });
}
