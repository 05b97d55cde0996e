/** Clock and timers, so that tests can control them. */
export interface Timing {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Calls `then` once, after `ms`. Returns a function that cancels it. */
  after(ms: number, then: () => void): () => void;
}

export const SYSTEM_TIMING: Timing = {
  now: () => performance.now(),
  after(ms, then) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};
