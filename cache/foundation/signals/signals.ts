/**
 * Work under AbortSignals. `AbortSignal.any` is not used: on Node 20 it leaks with a signal that lives long
 * (nodejs/node#54614).
 */

/** Node warns of more than ten listeners of one signal, unless it is told not to. Browsers do not. */
const setMaxListeners = globalThis.process?.getBuiltinModule?.('node:events').setMaxListeners;

/**
 * Calls `leave` once with the signal's reason when `signal` aborts, at once if it has aborted. Returns what
 * ends the listening.
 */
export function whenAborted(
  signal: AbortSignal | null | undefined,
  leave: (reason: unknown) => void,
): () => void {
  if (signal === undefined || signal === null) return () => {};
  const listener = () => leave(signal.reason);
  if (signal.aborted) listener();
  else signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}

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
    const stay = whenAborted(signal, (reason) => {
      onAbort?.();
      reject(reason);
    });
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
  /** Ends the time limit alone. */
  untimed(): void;
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
  outer: AbortSignal | null | undefined,
  { afterMs, reason, callersReason }: LinkedSignalOptions = {},
): LinkedSignal {
  const controller = new AbortController();
  setMaxListeners?.(0, controller.signal);
  const unlink = whenAborted(outer, (given) => controller.abort(callersReason?.() ?? given));
  const isTimed = afterMs !== undefined && afterMs <= LONGEST_TIMER_MS;
  const timer = isTimed ? setTimeout(() => controller.abort(reason?.()), Math.max(0, afterMs)) : undefined;
  return {
    signal: controller.signal,
    abort: (why) => controller.abort(why),
    untimed: () => clearTimeout(timer),
    close() {
      clearTimeout(timer);
      unlink();
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
