/** One shard as the main thread sees it: a worker thread that is replaced when it dies. */
import type { Worker } from 'node:worker_threads';
import { NearboxError } from '../../cache/index.ts';
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
}

/**
 * Pause before a dead shard is replaced, milliseconds; doubles with every death that no answer came before.
 */
const RESTART_MS = { first: 50, most: 10_000 } as const;
/** How long a thread that was told to end may take, milliseconds. */
const TERMINATE_MS = 500;

const ENTRY = new URL('./shard-worker.ts', import.meta.url).href;

export class Shard {
  readonly #options: ShardOptions;
  readonly #gauges: ShardGauges;
  readonly #start: ShardStart;
  #worker: Worker;
  #calls: ShardCalls;
  #ready: Promise<void>;
  #restart: NodeJS.Timeout | null = null;
  #isClosing = false;
  #deaths = 0;
  #deathsInARow = 0;

  constructor(options: ShardOptions) {
    this.#options = options;
    const memory = ShardGauges.allocate();
    this.#gauges = new ShardGauges(memory);
    const { config, modelFolders, index } = options;
    this.#start = { config, modelFolders, index, gauges: memory };
    [this.#worker, this.#calls, this.#ready] = this.#open();
  }

  get load(): ShardLoad {
    return { waitMs: this.#gauges.waitMs, inFlight: this.#calls.size };
  }

  /** How often its thread has died. */
  get deaths(): number {
    return this.#deaths;
  }

  /** Resolves when its thread is warm. Rejects if that fails at the first try. */
  ready(): Promise<void> {
    return this.#ready;
  }

  /**
   * @throws what the method throws; `internal` if the thread dies meanwhile, `overloaded` while there is
   * none.
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
   * Lets running work end for `boundMs`, then ends the thread. A thread is only ended once nothing runs in
   * it: native code that is torn down in the middle of a run takes the process with it. What hangs longer
   * than the bound is ended all the same.
   * @returns false if the thread does not end.
   */
  async close(boundMs: number): Promise<boolean> {
    if (this.#restart !== null) clearTimeout(this.#restart);
    const closed = this.#ready.then(() => this.#calls.call('close', []));
    this.#isClosing = true;
    const isDone = await within(boundMs, closed);
    if (!isDone) this.#options.log.warn('a shard does not come to an end', { shard: this.#options.index });
    return within(TERMINATE_MS, this.#worker.terminate());
  }

  #open(): [Worker, ShardCalls, Promise<void>] {
    const { index, onStorageCall } = this.#options;
    const worker = startWorker(`nearbox shard ${index}`, { entry: ENTRY, data: this.#start });
    const calls = new ShardCalls(worker, (ended) => ended.forEach(onStorageCall));
    const ready = new Promise<void>((resolve, reject) => {
      const die = (error: unknown) => {
        reject(error);
        this.#bury(worker, calls, error);
      };
      worker.on('message', (reply: ShardReply) => {
        if (reply.type === 'ready') resolve();
        else if (reply.type === 'fatal') reject(startError(reply));
        else if (reply.type === 'log') this.#options.log[reply.level](reply.message, reply.fields);
        else calls.receive(reply);
      });
      worker.on('messageerror', die);
      worker.on('error', die);
      worker.on('exit', (code) => die(new Error(`exit code ${code}`)));
    });
    ready.catch(() => {});
    return [worker, calls, ready];
  }

  #bury(worker: Worker, calls: ShardCalls, cause: unknown): void {
    if (worker !== this.#worker || this.#restart !== null) return;
    const why = cause instanceof Error ? cause.message : String(cause);
    calls.failAll(new NearboxError('internal', `the shard died (${why})`, { cause }));
    this.#gauges.waitMs = 0;
    if (this.#isClosing) return;
    this.#deaths += 1;
    this.#options.log.error('a shard died', { shard: this.#options.index, error: cause });
    const pauseMs = Math.min(RESTART_MS.most, RESTART_MS.first * 2 ** this.#deathsInARow);
    this.#deathsInARow += 1;
    this.#restart = setTimeout(() => {
      [this.#worker, this.#calls, this.#ready] = this.#open();
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
