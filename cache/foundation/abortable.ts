export interface AbortableOptions<Value> {
  /** Called when the signal aborts first. */
  readonly onAbort?: () => void;
  /** What to do with a value that comes after that. */
  readonly discard?: (late: Value) => void;
}

/** Waits for something that takes no signal, or that others wait for as well: until it has settled, or the signal aborts. */
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
