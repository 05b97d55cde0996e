/** Long computations, cut into slices so that the other work of the thread runs between them. */

/**
 * A computation that may be interrupted wherever it yields. It yields at least once per millisecond or two of
 * work.
 */
export type Sliced<Result> = Generator<void, Result, void>;

export interface SliceOptions {
  /** Looked at between slices: once it aborts, the computation ends and its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** How long a slice may take before others get their turn, milliseconds. Default: 4. */
  readonly sliceMs?: number | undefined;
}

const DEFAULT_SLICE_MS = 4;

/** Computations that wait for their next slice, first come, first served. */
const waiting: (() => void)[] = [];

/**
 * Resolves in a later turn of the event loop. Of all computations of this thread, one slice runs per turn, so
 * that timers and sockets wait for one slice and not for as many as there are computations.
 */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(resumeFirst);
  });
}

function resumeFirst(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(resumeFirst);
}

/**
 * Resolves when it is the caller's turn for a slice of the thread's time; rejects with the signal's reason.
 */
export async function nextSlice(signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await nextTurn();
  signal?.throwIfAborted();
}

/** Runs the computation in slices. Rejects with what it throws, or with the signal's reason. */
export async function inSlices<Result>(
  work: Sliced<Result>,
  { signal, sliceMs = DEFAULT_SLICE_MS }: SliceOptions = {},
): Promise<Result> {
  signal?.throwIfAborted();
  if (waiting.length > 0) await nextTurn();
  try {
    for (let until = performance.now() + sliceMs; ; ) {
      signal?.throwIfAborted();
      const step = work.next();
      if (step.done === true) return step.value;
      if (performance.now() < until) continue;
      await nextTurn();
      until = performance.now() + sliceMs;
    }
  } finally {
    // Lets the computation give back what it has borrowed, if it did not come to its end.
    work.return(undefined as never);
  }
}

/** Runs the computation in one go: for threads without other work, and for tests. */
export function atOnce<Result>(work: Sliced<Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}
