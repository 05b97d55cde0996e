/** Time, as a seam: tests move it by hand. */
export interface Timing {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Calls `then` once, after `ms`; the answer calls it off. */
  after(ms: number, then: () => void): () => void;
}

export const SYSTEM_TIMING: Timing = {
  now: () => performance.now(),
  after(ms, then) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};
