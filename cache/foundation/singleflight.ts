/** One load for all concurrent callers. */
import { abortable } from './signals/index.ts';

interface Flight<Value> {
  readonly promise: Promise<Value>;
  readonly controller: AbortController;
  waiting: number;
}

/**
 * Runs a load once for all callers that ask for the same key while it is under way. A caller that gives up
 * does not affect the others; when the last one has given up, the load's own signal aborts. Nothing is kept
 * after the load has ended.
 */
export class Singleflight<Value> {
  readonly #flights = new Map<string, Flight<Value>>();

  /** Loads under way. */
  get size(): number {
    return this.#flights.size;
  }

  /**
   * The value that `load` gives, or that a load already under way for this key gives: then `load` is not
   * called. Rejects with the signal's reason as soon as `signal` aborts.
   */
  run(
    key: string,
    load: (signal: AbortSignal) => Promise<Value> | Value,
    signal?: AbortSignal,
  ): Promise<Value> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const flight = this.#flights.get(key) ?? this.#start(key, load);
    flight.waiting += 1;
    const onAbort = () => {
      flight.waiting -= 1;
      if (flight.waiting > 0) return;
      this.#forget(key, flight);
      flight.controller.abort(signal?.reason);
    };
    return abortable(flight.promise, signal, { onAbort });
  }

  #start(key: string, load: (signal: AbortSignal) => Promise<Value> | Value): Flight<Value> {
    const controller = new AbortController();
    // One tick later: a load that throws at once or asks for its own key then finds the flight registered.
    const promise = Promise.resolve().then(() => {
      controller.signal.throwIfAborted();
      return load(controller.signal);
    });
    const flight: Flight<Value> = { promise, controller, waiting: 0 };
    this.#flights.set(key, flight);
    const done = () => this.#forget(key, flight);
    promise.then(done, done);
    return flight;
  }

  #forget(key: string, flight: Flight<Value>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
