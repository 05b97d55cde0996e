/** A second read where the first takes longer than most: the tail of a storage's latency, cut (Dean and Barroso, The Tail at Scale). */
import {
  type ByteSource,
  type Listing,
  type ObjectStat,
  ObjectTooLarge,
  type ReadOptions,
  type SourceOptions,
  type StoredObject,
} from '../byte-source/index.ts';
import {
  checkInteger,
  isNearboxError,
  LatencyWindow,
  SYSTEM_TIMING,
  type Timing,
  TokenBudget,
  type TokenBudgetOptions,
} from '../foundation/index.ts';

export interface HedgedSourceOptions {
  /** The share of reads that are over before a second one is sent. Default: 0.95. */
  readonly quantile?: number;
  /** Latencies to see before any second read. Default: 20. */
  readonly minSamples?: number;
  /** No second read before this, however fast the storage is. Default: 10 ms. */
  readonly minDelayMs?: number;
  /** A second read after this at the latest. Default: 1000 ms. */
  readonly maxDelayMs?: number;
  /**
   * No second read while more than this many reads of a kind are waited for; it comes when they are fewer. In a burst all are slow together, and
   * more of them would only make that worse: it is the last ones that are worth a second read. Default: no bound.
   */
  readonly maxWaiting?: number;
  /** How many second reads there may be. Default: one for twenty reads, five in a burst. */
  readonly budget?: TokenBudgetOptions;
  /** Default: the system's clock and timers. */
  readonly timing?: Timing;
}

export interface HedgedSourceStats {
  readonly reads: number;
  /** Second reads sent. */
  readonly hedges: number;
  /** Second reads that were first to answer. */
  readonly wins: number;
  /** Second reads that were due, but not in the budget. */
  readonly refused: number;
}

/**
 * Wraps a source. A read that takes longer than the observed p95 is sent once more; the first good answer counts, the other read is
 * aborted. A read that fails is not sent again (retries are the source's own business), and second reads stay within a budget, so a storage
 * in trouble sees a few percent more and not twice the load.
 */
export class HedgedSource implements ByteSource {
  readonly label: string;
  readonly rootName: string | null;
  readonly list?: (path: string, options?: SourceOptions) => Promise<Listing | null>;
  readonly #source: ByteSource;
  readonly #options: Required<Omit<HedgedSourceOptions, 'budget'>>;
  readonly #budget: TokenBudget;
  readonly #latencies = { read: new LatencyWindow(), stat: new LatencyWindow() };
  readonly #waiting = { read: 0, stat: 0 };
  #stats = { reads: 0, hedges: 0, wins: 0, refused: 0 };

  constructor(source: ByteSource, options: HedgedSourceOptions = {}) {
    const {
      quantile = 0.95,
      minSamples = 20,
      minDelayMs = 10,
      maxDelayMs = 1000,
      maxWaiting = 2 ** 31,
      timing = SYSTEM_TIMING,
    } = options;
    if (!(quantile > 0 && quantile < 1)) throw new TypeError('`quantile` must lie between 0 and 1');
    checkInteger('minSamples', minSamples, 1, 256);
    checkInteger('minDelayMs', minDelayMs, 0, 60_000);
    checkInteger('maxDelayMs', maxDelayMs, minDelayMs, 60_000);
    checkInteger('maxWaiting', maxWaiting, 1, 2 ** 31);
    this.#source = source;
    this.#options = { quantile, minSamples, minDelayMs, maxDelayMs, maxWaiting, timing };
    this.#budget = new TokenBudget({ ratio: 0.05, burst: 5, ...options.budget });
    this.label = source.label;
    this.rootName = source.rootName;
    if (source.list !== undefined)
      this.list = (path, options) => source.list?.(path, options) as Promise<Listing | null>;
  }

  read(path: string, options: ReadOptions = {}): Promise<StoredObject | null> {
    return this.#hedge('read', options.signal, (signal) => this.#source.read(path, { ...options, signal }));
  }

  stat(path: string, options: SourceOptions = {}): Promise<ObjectStat | null> {
    return this.#hedge('stat', options.signal, (signal) => this.#source.stat(path, { ...options, signal }));
  }

  stats(): HedgedSourceStats {
    return { ...this.#stats };
  }

  /** How long a read is waited for now before a second one; null while too little has been seen. */
  delayMs(kind: 'read' | 'stat' = 'read'): number | null {
    const { quantile, minSamples, minDelayMs, maxDelayMs } = this.#options;
    const latencies = this.#latencies[kind];
    if (latencies.size < minSamples) return null;
    return Math.min(maxDelayMs, Math.max(minDelayMs, latencies.quantile(quantile)));
  }

  #hedge<T>(
    kind: 'read' | 'stat',
    signal: AbortSignal | undefined,
    send: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const { timing, maxWaiting } = this.#options;
    const began = timing.now();
    this.#stats.reads += 1;
    this.#budget.earn();
    this.#waiting[kind] += 1;
    return new Promise<T>((resolve, reject) => {
      const legs: AbortController[] = [];
      let running = 0;
      let firstRuns = true;
      let firstError: unknown;
      let callOff = () => {};

      const end = (settle: () => void, reason: unknown) => {
        callOff();
        signal?.removeEventListener('abort', leave);
        this.#waiting[kind] -= 1;
        settle();
        for (const leg of legs) leg.abort(reason);
      };
      const leave = () => end(() => reject(signal?.reason), signal?.reason);
      const win = (value: T, isFirst: boolean) => {
        // Of the first read alone, also where it was not waited for to the end: so the quantile stays that of single reads.
        if (isFirst || firstRuns) this.#latencies[kind].add(timing.now() - began);
        if (!isFirst) this.#stats.wins += 1;
        end(() => resolve(value), new Error('the other read was faster'));
      };
      const fail = (error: unknown) => {
        // Nothing is sent in place of a failure; but what is under way already may still do better.
        callOff();
        firstError ??= error;
        if (isDefinite(error)) end(() => reject(error), error);
        else if (running === 0) end(() => reject(firstError), error);
      };
      const start = (isFirst: boolean) => {
        const leg = new AbortController();
        legs.push(leg);
        running += 1;
        const over = (then: () => void) => {
          running -= 1;
          if (!leg.signal.aborted) then();
          if (isFirst) firstRuns = false;
        };
        send(leg.signal).then(
          (value) => over(() => win(value, isFirst)),
          (error) => over(() => fail(error)),
        );
      };

      signal?.addEventListener('abort', leave, { once: true });
      start(true);
      const delay = this.delayMs(kind);
      if (delay === null) return;
      const hedge = () => {
        if (this.#waiting[kind] > maxWaiting) callOff = timing.after(Math.max(1, delay), hedge);
        else if (this.#budget.spend()) {
          this.#stats.hedges += 1;
          start(false);
        } else this.#stats.refused += 1;
      };
      callOff = timing.after(delay, hedge);
    });
  }
}

/** An answer about the object, which another read would only repeat; not one about the storage's state. */
function isDefinite(error: unknown): boolean {
  return !isNearboxError(error, 'source_unavailable') || error instanceof ObjectTooLarge;
}
