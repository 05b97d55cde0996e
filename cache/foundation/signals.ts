/**
 * Work under AbortSignals. `AbortSignal.any` is not used: on Node 20 it leaks with a signal that lives long
 * (nodejs/node#54614).
 */
import { setMaxListeners } from 'node:events';

export interface AbortableOptions<Value> {
  /** Called when the signal aborts before the work has settled. */
  readonly onAbort?: () => void;
  /** What to do with a value that comes after that. */
  readonly discard?: (late: Value) => void;
}

/**
 * Settles as `work` does, or rejects with the signal's reason as soon as `signal` aborts; the work itself is
 * not cancelled.
 */
export function abortable<Value>(
  work: Promise<Value>,
  signal: AbortSignal | undefined,
  { onAbort, discard }: AbortableOptions<Value> = {},
): Promise<Value> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const leave = () => {
      onAbort?.();
      reject(signal.reason);
    };
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
    const stay = () => signal.removeEventListener('abort', leave);
    work.then(
      (value) => {
        stay();
        if (signal.aborted) discard?.(value);
        resolve(value);
      },
      (error) => {
        stay();
        reject(error);
      },
    );
  });
}

export interface LinkedOptions {
  /** Aborts the work's signal after so long, milliseconds, with `reason()`. Default: never. */
  readonly afterMs?: number | undefined;
  readonly reason?: (() => Error) | undefined;
  /**
   * Aborts the work's signal also when the work has ended well: for parts of it that nobody needs any more.
   * Default: false.
   */
  readonly endsParts?: boolean | undefined;
}

/**
 * Runs work under a signal of its own. It aborts with the caller's signal, after `afterMs`, and when the work
 * fails, so that nothing is still under way for it. However many parts of the work listen, the caller's
 * signal has one listener.
 */
export async function linked<Value>(
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Value>,
  { afterMs, reason, endsParts = false }: LinkedOptions = {},
): Promise<Value> {
  outer?.throwIfAborted();
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const leave = () => controller.abort(outer?.reason);
  outer?.addEventListener('abort', leave, { once: true });
  const timer = afterMs === undefined ? undefined : setTimeout(() => controller.abort(reason?.()), afterMs);
  try {
    const value = await work(controller.signal);
    if (endsParts) controller.abort(new Error('the work has ended'));
    return value;
  } catch (error) {
    controller.abort(error);
    throw error;
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', leave);
  }
}
