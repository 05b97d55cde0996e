/** Several ways to the same bytes, of which the later ones stand by. */
import { race, type Timing } from '../foundation/index.ts';

/** A way to a value; null if this way does not lead to it. */
export interface Attempt<Value> {
  read(signal: AbortSignal): Promise<Value | null>;
  /** How long this way runs alone, milliseconds; after that the next one is started beside it. */
  readonly hedgeAfterMs: number;
}

/**
 * The first value that one of the ways gives. If a way fails or gives null, the next starts at once; if it is
 * slow, the next starts beside it. The first value cancels the other ways. The last way decides: its null is
 * the answer, and its failure is thrown once no other way is running. Rejects with the signal's reason when
 * `signal` aborts.
 */
export function hedgedFallback<Value>(
  ways: readonly Attempt<Value>[],
  timing: Timing,
  signal: AbortSignal | undefined,
): Promise<Value | null> {
  return race<Value | null>(timing, signal, (own) => {
    let started = 0;
    let failure: { readonly error: unknown } | null = null;
    const next = () => {
      own.cancelTimer();
      const way = ways[started];
      if (way === undefined) {
        if (own.running === 0 && failure !== null) own.reject(failure.error);
        return;
      }
      started += 1;
      const isLast = started === ways.length;
      if (!isLast) own.after(way.hedgeAfterMs, next);
      own.attempt(
        (leg) => way.read(leg),
        (value) => {
          if (value !== null || isLast) own.resolve(value);
          else next();
        },
        (error) => {
          if (isLast) failure = { error };
          next();
        },
      );
    };
    next();
  });
}
