/** Whether a question can still be answered in time: a queue that is bounded by time, not only by length. */
import { NearboxError, TrimmedMean } from '../../cache/index.ts';
import { FairQueue, type JobShare, type WorkerPoolStats } from '../../octree/index.ts';

/**
 * How many services a question is given for itself: its own, and as much again for fits that take longer than
 * the mean and for the way back.
 */
const OWN_SERVICES = 2;
/**
 * How much longer the wait may become than the mean says. Under overload caution costs nothing, for the queue
 * is never empty; without it, the last of a queue that was thought too short are let in and then miss their
 * deadline (admission.simulation.test.ts).
 */
const CAUTION = 1.5;
/**
 * A question that has been reading for so many times the usual time is taken to be stuck: it is in nobody's
 * way until it arrives.
 */
const STUCK_READS = 3;
/**
 * The same before anything is known of reading times, and the least that is taken for stuck, milliseconds.
 */
const STUCK_MS = { unknown: 1000, least: 50 } as const;

/** A question whose points are being read. */
interface Coming {
  readonly enteredAt: number;
  readonly share: JobShare;
}

/**
 * Keeps count of the questions that are on their way to a queue but not in it yet. A question counts only
 * those before it that will really be served before it: in the order of a fair queue, and without those whose
 * storage does not answer.
 */
export class Admission {
  readonly #stats: (share?: JobShare) => WorkerPoolStats;
  /**
   * Those that are expected to arrive soon, in the order in which they entered, and as the fair queue will
   * serve them.
   */
  readonly #soon = new Set<Coming>();
  readonly #turns = new FairQueue<Coming>();
  readonly #readMs = new TrimmedMean();

  constructor(stats: (share?: JobShare) => WorkerPoolStats) {
    this.#stats = stats;
  }

  /** Questions that were let in and are expected at the queue soon. */
  get coming(): number {
    this.#forgetStuck();
    return this.#soon.size;
  }

  /**
   * Lets a question in, which counts as coming until the returned function is called. `deadline` on the clock
   * of `performance.now()`.
   * @throws NearboxError `overloaded` if by the mean time of a fit it could not be answered by then.
   */
  enter(deadline: number, share: JobShare = {}): () => void {
    this.#forgetStuck();
    this.#require(deadline, share, this.#turns.ahead(share));
    const coming: Coming = { enteredAt: performance.now(), share };
    this.#soon.add(coming);
    this.#turns.push(coming, share);
    let isReading = true;
    return () => {
      if (!isReading) return;
      isReading = false;
      this.#readMs.add(performance.now() - coming.enteredAt);
      this.#forget(coming);
    };
  }

  /**
   * @throws NearboxError `overloaded` if what waits in the queue before a question of `share` leaves it too
   * little time.
   */
  require(deadline: number, share?: JobShare): void {
    this.#require(deadline, share, 0);
  }

  #require(deadline: number, share: JobShare | undefined, coming: number): void {
    const { serviceMs, predictedWaitMs, workers, queued, running } = this.#stats(share);
    // Where nothing is before it a question is always tried: a mean from worse times would else refuse all
    // that could mend it.
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

  #forgetStuck(): void {
    const usualMs = this.#readMs.value;
    const stuckMs = usualMs === 0 ? STUCK_MS.unknown : Math.max(STUCK_MS.least, STUCK_READS * usualMs);
    const now = performance.now();
    for (const coming of this.#soon) {
      if (now - coming.enteredAt < stuckMs) return;
      this.#forget(coming);
    }
  }

  #forget(coming: Coming): void {
    this.#soon.delete(coming);
    this.#turns.delete(coming, coming.share);
  }
}
