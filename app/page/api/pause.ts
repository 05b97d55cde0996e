import { whenAborted } from '../../../cache/foundation/signals/index.ts';

/** Resolves after so many milliseconds; rejects with the signal's reason when it aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      unlink();
      resolve();
    }, ms);
    const unlink = whenAborted(signal, (reason) => {
      clearTimeout(timer);
      reject(reason as Error);
    });
  });
}
