/** Several ways to the same bytes, of which the later ones stand by. */
import type { Timing } from '../foundation/index.ts';

/** A way to a value; null if this way does not lead to it. */
export interface Attempt<Value> {
  read(signal: AbortSignal): Promise<Value | null>;
  /** How long it is waited for alone, milliseconds; after that the next way is gone beside it. */
  readonly hedgeAfterMs: number;
}

/**
 * The value of the first way that gives one. A way that fails or leads nowhere is followed by the next at
 * once, one that is slow by the next beside it; whoever is first ends the others. The last way is the one
 * that knows: its null and its failures are those of the whole, the latter once no other way is left that may
 * still do better. Rejects with the signal's reason when `signal` aborts.
 */
export function hedgedFallback<Value>(
  ways: readonly Attempt<Value>[],
  timing: Timing,
  signal: AbortSignal | undefined,
): Promise<Value | null> {
  if (signal?.aborted) return Promise.reject(signal.reason);
  return new Promise<Value | null>((resolve, reject) => {
    const legs: AbortController[] = [];
    let running = 0;
    let callOff = () => {};
    let failure: { readonly error: unknown } | null = null;

    const end = (settle: () => void, reason: unknown) => {
      callOff();
      signal?.removeEventListener('abort', leave);
      settle();
      for (const leg of legs) leg.abort(reason);
    };
    const leave = () => end(() => reject(signal?.reason), signal?.reason);
    const next = () => {
      callOff();
      const at = legs.length;
      const way = ways[at];
      if (way === undefined) {
        if (running === 0 && failure !== null) end(() => reject(failure?.error), failure.error);
        return;
      }
      const leg = new AbortController();
      legs.push(leg);
      running += 1;
      const isLast = at === ways.length - 1;
      if (!isLast) callOff = timing.after(way.hedgeAfterMs, next);
      way.read(leg.signal).then(
        (value) => {
          running -= 1;
          if (leg.signal.aborted) return;
          if (value !== null || isLast) end(() => resolve(value), new Error('another way was faster'));
          else next();
        },
        (error: unknown) => {
          running -= 1;
          if (leg.signal.aborted) return;
          if (isLast) failure = { error };
          next();
        },
      );
    };
    signal?.addEventListener('abort', leave, { once: true });
    next();
  });
}
