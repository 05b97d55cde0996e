/** Tells a thread that hangs from one that waits, that computes in native code, or that got no processor. */
import type { ThreadPulse } from './thread-pulse.ts';

/** How often in a row a pulse is seen standing still before its thread counts as hung. */
export const LOOKS = 8;

/**
 * Time is counted in looks of the watching thread, not by the clock: of a process that was stopped, or that
 * got no processor, the watching thread did not run either.
 */
export class PulseWatch {
  readonly #pulse: ThreadPulse;
  #beats = 0;
  #still = 0;

  constructor(pulse: ThreadPulse) {
    this.#pulse = pulse;
  }

  /**
   * To be called at regular intervals.
   * @returns true once, when the thread hangs: it is to be ended, and native code cannot begin in it any more
   */
  look(): boolean {
    const { beats } = this.#pulse;
    // Before the first beat its modules are being loaded.
    if (beats !== this.#beats || beats === 0 || this.#pulse.isInNative) {
      this.#beats = beats;
      this.#still = 0;
      return false;
    }
    this.#still += 1;
    return this.#still >= LOOKS && this.#pulse.condemn();
  }
}
