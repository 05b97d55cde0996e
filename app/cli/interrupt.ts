/** Work that Ctrl-C or SIGTERM ends in an orderly way. */
import { NearboxError } from '../../cache/index.ts';

/** Runs `work` with a signal that aborts at SIGINT or SIGTERM. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (signal: NodeJS.Signals) =>
    controller.abort(new NearboxError('deadline_exceeded', `stopped by ${signal}`));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
