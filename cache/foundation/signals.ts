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

export interface LinkedSignalOptions {
  /** Aborts the signal after so long, milliseconds, with `reason()`. Default: never. */
  readonly afterMs?: number | undefined;
  readonly reason?: (() => Error) | undefined;
  /** The reason if the caller's signal aborts. Default: that signal's own. */
  readonly callersReason?: (() => Error) | undefined;
}

export interface LinkedSignal {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
  /** Lets go of the caller's signal and of the timer. Does not abort. */
  close(): void;
}

/** The longest time that a timer takes, milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * A signal that aborts with the caller's and after `afterMs`. However many parts of the work listen to it,
 * the caller's signal has one listener, until `close`.
 */
export function linkedSignal(
  outer: AbortSignal | undefined,
  { afterMs, reason, callersReason }: LinkedSignalOptions = {},
): LinkedSignal {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const leave = () => controller.abort(callersReason === undefined ? outer?.reason : callersReason());
  if (outer?.aborted) leave();
  else outer?.addEventListener('abort', leave, { once: true });
  const isTimed = afterMs !== undefined && afterMs <= LONGEST_TIMER_MS;
  const timer = isTimed ? setTimeout(() => controller.abort(reason?.()), Math.max(0, afterMs)) : undefined;
  return {
    signal: controller.signal,
    abort: (why) => controller.abort(why),
    close() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', leave);
    },
  };
}

export interface LinkedOptions extends LinkedSignalOptions {
  /**
   * Also aborts the work's signal when the work has succeeded, for parts of it that are not needed any more.
   * Default: false.
   */
  readonly endsParts?: boolean | undefined;
}

/**
 * Runs work under a signal of its own, see `linkedSignal`. It also aborts when the work fails, so that
 * nothing is still under way for it.
 * @throws the reason of `outer` if that has aborted already, else what the work throws
 */
export async function linked<Value>(
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Value>,
  { endsParts = false, ...options }: LinkedOptions = {},
): Promise<Value> {
  outer?.throwIfAborted();
  const { signal, abort, close } = linkedSignal(outer, options);
  try {
    const value = await work(signal);
    if (endsParts) abort(new Error('the work has ended'));
    return value;
  } catch (error) {
    abort(error);
    throw error;
  } finally {
    close();
  }
}
