/** One shard as the main thread sees it: a worker thread that is replaced when it dies or hangs. */
import type { Worker } from 'node:worker_threads';
import { NearboxError } from '../../cache/index.ts';
import { PulseWatch, ThreadPulse } from '../../cache/pulse/index.ts';
import { fromSentError, startWorker } from '../../cache/workers/index.ts';
import { ConfigError, type ServeConfig } from '../config/index.ts';
import type { FoundModels } from '../models/index.ts';
import type { Log } from '../observability/index.ts';
import type { EndedStorageCall, ShardReply, ShardStart } from './calls/index.ts';
import { type Called, type ShardCallOptions, ShardCalls } from './calls/index.ts';
import type { ShardLoad } from './placement.ts';
import { ShardGauges } from './shard-gauges.ts';

export interface ShardOptions {
  /** For messages and the thread's name. */
  readonly index: number;
  readonly config: ServeConfig;
  readonly modelFolders: FoundModels['folders'];
  readonly log: Log;
  readonly onStorageCall: (call: EndedStorageCall) => void;
  /** The module that its thread runs. Default: the shard's own. */
  readonly entry?: string;
}

/** What became of a shard's threads. */
interface ShardFates {
  /** That ended, by themselves or because they hung. */
  readonly deaths: number;
  /** That hung. */
  readonly hung: number;
  /** That another one took the place of. */
  readonly replaced: number;
}

/**
 * Pause before a dead shard is replaced, milliseconds; doubles with every death that no answer came before.
 */
const RESTART_MS = { first: 50, most: 10_000 } as const;
/**
 * How long a thread that was told to end may take at least, milliseconds: on a busy machine it needs its
 * time.
 */
const TERMINATE_MS = 500;

const ENTRY = new URL('./shard-worker.ts', import.meta.url).href;

export class Shard {
  readonly #options: ShardOptions;
  readonly #gauges: ShardGauges;
  readonly #start: Omit<ShardStart, 'isReplacement'>;
  #worker!: Worker;
  #calls!: ShardCalls;
  #ready!: Promise<void>;
  #pulse!: ThreadPulse;
  #watch!: PulseWatch;
  #restart: NodeJS.Timeout | null = null;
  #isClosing = false;
  /** Whether its thread is warm. */
  #isReady = false;
  readonly #fates = { deaths: 0, hung: 0, replaced: 0 };
  #deathsInARow = 0;

  constructor(options: ShardOptions) {
    this.#options = options;
    const memory = ShardGauges.allocate();
    this.#gauges = new ShardGauges(memory);
    const { config, modelFolders, index } = options;
    this.#start = { config, modelFolders, index, gauges: memory };
    this.#open();
  }

  /** While its thread is not warm, any other shard is the less busy one. */
  get load(): ShardLoad {
    const waitMs = this.#isReady ? this.#gauges.waitMs : Number.POSITIVE_INFINITY;
    return { waitMs, inFlight: this.#calls.size };
  }

  get fates(): ShardFates {
    return { ...this.#fates };
  }

  /** Resolves when its thread is warm. Rejects if that fails at the first try. */
  ready(): Promise<void> {
    return this.#ready;
  }

  /**
   * @throws what the method throws; `internal` if the thread dies meanwhile, `overloaded` if it hangs, and
   * while there is none.
   */
  async call(method: string, args: readonly unknown[], options: ShardCallOptions = {}): Promise<Called> {
    if (this.#restart !== null || this.#isClosing)
      throw new NearboxError('overloaded', 'the shard of this cloud is restarting', {
        retryAfterSeconds: 1,
      });
    const called = await this.#calls.call(method, args, options);
    this.#deathsInARow = 0;
    return called;
  }

  /**
   * Ends and replaces the thread if its event loop has stood still for `LOOKS` looks; its calls fail at once.
   * A thread in native code is left alone: it would take the process with it. To be called at regular
   * intervals.
   */
  look(): void {
    if (this.#restart !== null || this.#isClosing || !this.#watch.look()) return;
    const worker = this.#worker;
    this.#fates.hung += 1;
    const why = 'the shard of this cloud hung and is being replaced';
    this.#bury(worker, new NearboxError('overloaded', why, { retryAfterSeconds: 1 }), 'a shard hung');
    void within(TERMINATE_MS, worker.terminate()).then((isEnded) => {
      if (!isEnded)
        this.#options.log.error('the thread of a shard that hung does not end', {
          shard: this.#options.index,
        });
    });
  }

  /**
   * Lets running work end, then ends the thread, both within `boundMs`: what hangs longer than the bound is
   * ended all the same, unless it is in native code, which would take the process with it.
   * @returns false if the thread does not end.
   */
  async close(boundMs: number): Promise<boolean> {
    const endsAt = performance.now() + boundMs;
    if (this.#restart !== null) clearTimeout(this.#restart);
    const closed = this.#ready.then(() => this.#calls.call('close', []));
    this.#isClosing = true;
    const isDone = await within(boundMs, closed);
    if (!isDone) this.#options.log.warn('a shard does not come to an end', { shard: this.#options.index });
    if (!this.#pulse.condemn() && this.#pulse.isInNative) return false;
    return within(Math.max(TERMINATE_MS, endsAt - performance.now()), this.#worker.terminate());
  }

  #open(): void {
    const { index, onStorageCall, entry = ENTRY } = this.#options;
    const pulse = ThreadPulse.allocate();
    const start: ShardStart = { ...this.#start, isReplacement: this.#fates.deaths > 0 };
    const worker = startWorker(`nearbox shard ${index}`, { entry, data: start, pulse });
    const calls = new ShardCalls(worker, (ended) => ended.forEach(onStorageCall));
    const ready = new Promise<void>((resolve, reject) => {
      const die = (error: unknown) => {
        reject(error);
        const why = error instanceof Error ? error.message : String(error);
        this.#bury(
          worker,
          new NearboxError('internal', `the shard died (${why})`, { cause: error }),
          'a shard died',
        );
      };
      worker.on('message', (reply: ShardReply) => {
        if (reply.type === 'ready') {
          this.#isReady ||= worker === this.#worker;
          resolve();
        } else if (reply.type === 'fatal') reject(startError(reply));
        else if (reply.type === 'log') this.#options.log[reply.level](reply.message, reply.fields);
        else calls.receive(reply);
      });
      worker.on('messageerror', die);
      worker.on('error', die);
      worker.on('exit', (code) => die(new Error(`exit code ${code}`)));
    });
    ready.catch(() => {});
    this.#worker = worker;
    this.#calls = calls;
    this.#ready = ready;
    this.#pulse = new ThreadPulse(pulse);
    this.#watch = new PulseWatch(this.#pulse);
  }

  /** The thread answers no more: its calls fail with `error`, and another one takes its place. */
  #bury(worker: Worker, error: NearboxError, message: string): void {
    if (worker !== this.#worker || this.#restart !== null) return;
    this.#isReady = false;
    this.#calls.failAll(error);
    this.#gauges.waitMs = 0;
    if (this.#isClosing) return;
    this.#fates.deaths += 1;
    this.#options.log.error(message, { shard: this.#options.index, error: error.cause ?? error });
    const pauseMs = Math.min(RESTART_MS.most, RESTART_MS.first * 2 ** this.#deathsInARow);
    this.#deathsInARow += 1;
    this.#restart = setTimeout(() => {
      this.#open();
      this.#fates.replaced += 1;
      // Calls wait in the new thread's inbox while it gets warm.
      this.#restart = null;
    }, pauseMs);
  }
}

function startError({ error, isConfigError }: Extract<ShardReply, { type: 'fatal' }>): Error {
  return isConfigError ? new ConfigError([error.message]) : fromSentError(error);
}

/** Resolves with whether `work` ended well or badly within `ms`. */
function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    const end = () => {
      clearTimeout(timer);
      resolve(true);
    };
    work.then(end, end);
  });
}
