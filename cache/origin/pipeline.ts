/** The way from a read to the storage: every step, composed in one place and counted. */
import type {
  ByteSource,
  Listing,
  ObjectStat,
  SourceOptions,
  SourceReadOptions,
  StoredObject,
} from '../byte-source/index.ts';
import {
  type ErrorCode,
  FairLimiter,
  Limiter,
  NearboxError,
  SYSTEM_TIMING,
  type Timing,
} from '../foundation/index.ts';
import { Coalescing, type CoalescingOptions, type CoalescingStats } from './coalescing.ts';
import { Hedging, type HedgingOptions, type HedgingStats, type RequestKind } from './hedging.ts';
import { NegativeCache, type NegativeCacheOptions } from './negative-cache.ts';
import { Retrying, type RetryOptions, type RetryStats } from './retrying.ts';

/** One request to the storage that has ended, its retries included. */
export interface StorageCall {
  readonly operation: RequestKind | 'list';
  readonly path: string;
  /** `absent`: the object does not exist; `left`: no caller waits any more. */
  readonly outcome: 'ok' | 'absent' | 'left' | ErrorCode;
  readonly ms: number;
  /** Bytes that came: those of a read, else 0. */
  readonly bytes: number;
}

/**
 * The steps of a pipeline, in the order in which a read goes through them. One that is left out is skipped.
 */
export interface OriginSteps {
  /** Near ranges of one object become one request. */
  readonly coalesce?: CoalescingOptions | undefined;
  /** What was missing a moment ago is not asked for. */
  readonly negative?: NegativeCacheOptions | undefined;
  /** A slow request is sent a second time. */
  readonly hedge?: HedgingOptions | undefined;
  /** Told of every request that has ended. */
  readonly onCall?: ((call: StorageCall) => void) | undefined;
  /** A request that failed for a moment is sent again. */
  readonly retry?: RetryOptions | undefined;
  /** The most requests under way at once; more wait, first come, first served. */
  readonly maxRequests?: number | undefined;
  /**
   * Whose share of `maxRequests` a path takes. A share alone takes half of them, so that one slow cloud
   * leaves places for the others. Left out: all take from one.
   */
  readonly shareOf?: ((path: string) => string) | undefined;
}

/** What the steps have counted since the start; 0 for a step that is left out. */
export interface OriginStats {
  /** Reads and stats that went past the negative cache. */
  readonly requests: number;
  readonly coalesced: CoalescingStats;
  readonly negativeHits: number;
  readonly hedging: HedgingStats;
  readonly retrying: RetryStats;
  /** Requests that waited for others to end, and those that wait now. */
  readonly limiter: { readonly running: number; readonly waiting: number; readonly waited: number };
}

const NO_COALESCING: CoalescingStats = { asked: 0, sent: 0, gapBytes: 0 };
const NO_HEDGING: HedgingStats = { reads: 0, hedges: 0, wins: 0, refused: 0 };
const NO_RETRIES: RetryStats = { attempts: 0, retries: 0, refused: 0 };

/**
 * A source behind the steps: coalesce, negative cache, hedge, observe, retry, limit. Behind them is `source`,
 * which makes one attempt a call where the retry step is in use.
 */
export class OriginPipeline implements ByteSource {
  readonly label: string;
  readonly rootName: string | null;
  /** Missing where the source cannot list. */
  readonly list?: (path: string, options?: SourceOptions) => Promise<Listing | null>;
  readonly #source: ByteSource;
  readonly #timing: Timing;
  readonly #coalescing: Coalescing | null;
  readonly #negative: NegativeCache | null;
  readonly #hedging: Hedging | null;
  readonly #onCall: ((call: StorageCall) => void) | undefined;
  readonly #retrying: Retrying | null;
  readonly #limiter: Limiter | FairLimiter | null;
  readonly #shareOf: (path: string) => string;
  #requests = 0;

  constructor(source: ByteSource, steps: OriginSteps, timing: Timing = SYSTEM_TIMING) {
    const { coalesce, negative, hedge, onCall, retry, maxRequests, shareOf } = steps;
    this.#source = source;
    this.#timing = timing;
    this.label = source.label;
    this.rootName = source.rootName;
    const now = () => timing.now();
    this.#coalescing = coalesce
      ? new Coalescing(coalesce, (path, options) => this.#readOnce(path, options))
      : null;
    this.#negative = negative ? new NegativeCache(negative, now) : null;
    this.#hedging = hedge ? new Hedging(hedge, timing) : null;
    this.#onCall = onCall;
    this.#retrying = retry ? new Retrying(retry) : null;
    this.#limiter = maxRequests === undefined ? null : new (shareOf ? FairLimiter : Limiter)(maxRequests);
    this.#shareOf = shareOf ?? (() => '');
    if (source.list !== undefined)
      this.list = (path, options = {}) =>
        this.request('list', path, options.signal, (more) => source.list!(path, { ...options, ...more }));
  }

  read(path: string, options: SourceReadOptions = {}): Promise<StoredObject | null> {
    return this.#coalescing?.read(path, options) ?? this.#readOnce(path, options);
  }

  stat(path: string, options: SourceOptions = {}): Promise<ObjectStat | null> {
    return this.#lookUp('stat', path, options, (more) => this.#source.stat(path, { ...options, ...more }));
  }

  stats(): OriginStats {
    const { running = 0, waiting = 0, waited = 0 } = this.#limiter ?? {};
    return {
      requests: this.#requests,
      coalesced: { ...(this.#coalescing?.stats ?? NO_COALESCING) },
      negativeHits: this.#negative?.hits ?? 0,
      hedging: { ...(this.#hedging?.stats ?? NO_HEDGING) },
      retrying: { ...(this.#retrying?.stats ?? NO_RETRIES) },
      limiter: { running, waiting, waited },
    };
  }

  /** How long a request may take before a second one is sent; null if none would be. */
  hedgeAfterMs(kind: RequestKind = 'read'): number | null {
    return this.#hedging?.delayMs(kind) ?? null;
  }

  #readOnce(path: string, options: SourceReadOptions): Promise<StoredObject | null> {
    return this.#lookUp('read', path, options, (more) => this.#source.read(path, { ...options, ...more }));
  }

  /** Asks for one object: negative cache and hedging. */
  #lookUp<T extends ObjectStat>(
    kind: RequestKind,
    path: string,
    { signal }: SourceOptions,
    send: (options: SourceOptions) => Promise<T | null>,
  ): Promise<T | null> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const negative = this.#negative;
    if (negative?.has(path)) return Promise.resolve(null);
    const askedAt = negative === null ? 0 : this.#timing.now();
    this.#requests += 1;
    const request = (within: AbortSignal | undefined) => this.request(kind, path, within, send);
    const answer = this.#hedging === null ? request(signal) : this.#hedging.run(kind, signal, request);
    if (negative === null) return answer;
    return answer.then((found) => {
      negative.note(path, found === null, askedAt);
      return found;
    });
  }

  /**
   * One request of any kind: observed, retried, limited. For requests that are not reads, such as a page of a
   * listing.
   */
  request<T>(
    operation: StorageCall['operation'],
    path: string,
    signal: AbortSignal | undefined,
    send: (options: SourceOptions) => Promise<T>,
  ): Promise<T> {
    const answer = this.#attempts(path, signal, send);
    return this.#onCall === undefined ? answer : this.#observed(operation, path, signal, answer);
  }

  #attempts<T>(
    path: string,
    signal: AbortSignal | undefined,
    send: (options: SourceOptions) => Promise<T>,
  ): Promise<T> {
    const limited = (within: AbortSignal | undefined, fresh: boolean) => {
      const attempt = () => send(fresh ? { signal: within, fresh } : { signal: within });
      return this.#inTurn(path, attempt, within);
    };
    if (this.#retrying === null) return limited(signal, false);
    const what = () => `${path || 'the root'} from ${this.label}`;
    return this.#retrying.run(what, signal, (number, within) => limited(within, number > 1));
  }

  /** Begins an attempt when there is a place for it. */
  #inTurn<T>(path: string, attempt: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const limiter = this.#limiter;
    if (limiter === null) return attempt();
    if (limiter instanceof Limiter) return limiter.run(attempt, signal);
    return limiter.run(this.#shareOf(path), attempt, signal);
  }

  async #observed<T>(
    operation: StorageCall['operation'],
    path: string,
    signal: AbortSignal | undefined,
    answer: Promise<T>,
  ): Promise<T> {
    const began = this.#timing.now();
    let outcome: StorageCall['outcome'] = 'internal';
    let bytes = 0;
    try {
      const found = await answer;
      outcome = found === null ? 'absent' : 'ok';
      if (operation === 'read' && found !== null) bytes = (found as unknown as StoredObject).bytes.byteLength;
      return found;
    } catch (error) {
      if (signal?.aborted) outcome = 'left';
      else if (error instanceof NearboxError) outcome = error.code;
      throw error;
    } finally {
      this.#onCall!({ operation, path, outcome, ms: this.#timing.now() - began, bytes });
    }
  }
}

/** The pipeline that `source` is, or a new one in front of it that only coalesces reads. */
export function asPipeline(source: ByteSource): OriginPipeline {
  return source instanceof OriginPipeline ? source : new OriginPipeline(source, { coalesce: {} });
}
