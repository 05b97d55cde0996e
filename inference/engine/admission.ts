/** Whether a question can still be answered in time: a queue that is bounded by time, not only by length. */
import { NearboxError } from '../../cache/index.ts';
import type { WorkerPoolStats } from '../../octree/index.ts';

/**
 * How many services a question is given for itself: its own, and as much again for fits that take longer than the average and for the
 * way back.
 */
const OWN_SERVICES = 2;
/**
 * How much longer the wait may become than the average says. Under overload caution costs nothing, for the queue is never empty; without it, the
 * last of a queue that was thought too short are let in and then miss their deadline (admission.simulation.test.ts).
 */
const CAUTION = 1.5;

/** Keeps count of the questions that are on their way to a pool but not in its queue yet: their tiles are being read. */
export class Admission {
  readonly #stats: () => WorkerPoolStats;
  #coming = 0;

  constructor(stats: () => WorkerPoolStats) {
    this.#stats = stats;
  }

  /** Questions that were let in and have not arrived at the queue. */
  get coming(): number {
    return this.#coming;
  }

  /**
   * Lets a question in, which counts as coming until the returned function is called. `deadline` on the clock of `performance.now()`.
   * @throws NearboxError `overloaded` if by the average time of a fit it could not be answered by then.
   */
  enter(deadline: number): () => void {
    this.require(deadline, this.#coming);
    this.#coming += 1;
    let isComing = true;
    return () => {
      if (isComing) this.#coming -= 1;
      isComing = false;
    };
  }

  /** @throws NearboxError `overloaded` if what waits, and `coming` questions before this one, leave it too little time. */
  require(deadline: number, coming = 0): void {
    const { serviceMs, predictedWaitMs, workers, queued, running } = this.#stats();
    // Where nothing is before it a question is always tried: an average from worse times would else refuse all that could mend it.
    if (queued + running + coming === 0) return;
    const waitMs = predictedWaitMs + (serviceMs * coming) / workers;
    const leftMs = deadline - performance.now();
    if (CAUTION * waitMs + OWN_SERVICES * serviceMs <= leftMs) return;
    throw new NearboxError(
      'overloaded',
      `the wait for the network is about ${Math.ceil(waitMs)} ms, which leaves no time for an answer in ${Math.max(0, Math.floor(leftMs))} ms`,
      // When the queue, taken as it is, has been worked off.
      { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) },
    );
  }
}
