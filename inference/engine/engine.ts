/**
 * Runs fits off the event loop: a bounded queue in front of worker threads that hold the network. When the
 * network cannot answer, the geometric fit does, and the answer says why.
 */
import { isNearboxError } from '../../cache/index.ts';
import {
  InlineJobs,
  type JobRunner,
  type JobShare,
  WorkerPool,
  type WorkerPoolStats,
} from '../../octree/index.ts';
import type { FitAnswer, FitRequest } from '../fit/index.ts';
import { fitGeometric } from '../geometric/index.ts';
import { type ModelIdentity, readModelIdentity, SHIPPED_MODEL } from '../network/index.ts';
import { Admission } from './admission.ts';
import type { FitJob, FitJobOptions, FitJobResult } from './fit-jobs.ts';
import type { GeometricJobResult } from './geometric-worker.ts';

export interface FitEngineOptions {
  /** Folder of the network: model.json and its weights. Default: the shipped one. */
  readonly modelFolder?: string | undefined;
  /** Folders of further versions, for questions that name them; all are in memory. Default: none. */
  readonly otherModelFolders?: readonly string[] | undefined;
  /**
   * Threads that run the network, each with sessions of its own; 0 runs it on the thread that asks, one fit
   * at a time. Default: 1.
   */
  readonly workers?: number;
  /** Threads inside one run; workers x threads should not exceed the cores. Default: 1. */
  readonly threads?: number;
  /** Questions that may wait; one more is refused as `overloaded`. Default: 256. */
  readonly queueLimit?: number;
  /**
   * With `workers: 0`, told how long a question that came now would wait, milliseconds, whenever that
   * changes.
   */
  readonly onWait?: ((waitMs: number) => void) | undefined;
  /** Told whenever the geometric fit has to step in. */
  readonly onFallback?: (reason: string) => void;
}

/** A fit, who made it, and what it cost. */
export interface EngineAnswer extends FitAnswer {
  readonly method: 'model' | 'geometric';
  /** Why the network did not answer; undefined if it did. */
  readonly fallback: string | undefined;
  /** Waiting for a worker, and in the fit itself: milliseconds. */
  readonly queueMs: number;
  readonly inferMs: number;
}

export interface FitOptions {
  /** Withdraws a question that waits; of one that runs the answer is dropped. */
  readonly signal: AbortSignal;
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
  /** Whose turn it takes. Default: that of all questions that name none. */
  readonly share?: JobShare | undefined;
  /** Version of the network, one of `models`. Default: that of `model`. */
  readonly model?: string | undefined;
}

/** The network behind a queue. Workers start with `warmUp()` or the first question. */
export class FitEngine {
  /** Name and version of the network, as answers report it. */
  readonly model: ModelIdentity;
  /** Every version that can be asked for, `model` first. */
  readonly models: readonly ModelIdentity[];
  readonly #network: JobRunner<FitJob, FitJobResult>;
  readonly #admission: Admission;
  readonly #geometric: JobRunner<FitRequest, GeometricJobResult>;
  readonly #geometricAdmission: Admission;
  readonly #onFallback: (reason: string) => void;

  /** @throws if a folder's model.json does not describe a network. */
  constructor(options: FitEngineOptions = {}) {
    const { modelFolder = SHIPPED_MODEL, otherModelFolders = [] } = options;
    const { workers = 1, threads = 1, queueLimit = 256 } = options;
    const modelFolders = [modelFolder, ...otherModelFolders];
    this.model = readModelIdentity(modelFolder);
    this.models = [this.model, ...otherModelFolders.map(readModelIdentity)];
    this.#onFallback = options.onFallback ?? (() => {});
    this.#network =
      workers === 0
        ? inlineFits({ modelFolders, threads }, queueLimit, options.onWait)
        : new WorkerPool({
            name: 'inference',
            entry: new URL('./fit-worker.ts', import.meta.url),
            workers,
            maxQueue: queueLimit,
            workerData: { modelFolders, threads } satisfies FitJobOptions,
            endsHung: true,
          });
    this.#admission = new Admission((share) => this.#network.stats(share));
    this.#geometric = new WorkerPool({
      name: 'geometric fit',
      entry: new URL('./geometric-worker.ts', import.meta.url),
      maxQueue: queueLimit,
      endsHung: true,
    });
    this.#geometricAdmission = new Admission(() => this.#geometric.stats());
  }

  /**
   * Resolves when the networks are loaded and warm. The thread for geometric fits starts with the first of
   * them.
   */
  warmUp(): Promise<void> {
    return this.#network.ready();
  }

  /**
   * Lets a question in before its points are read; it counts as waiting until the returned function is
   * called.
   * @throws NearboxError `overloaded` if it could not be answered by `deadline` (on the clock of
   *   `performance.now()`).
   */
  admit(deadline: number, share?: JobShare): () => void {
    return this.#admission.enter(deadline, share);
  }

  /**
   * One box.
   * @throws NearboxError `overloaded` if the queue is full, `deadline_exceeded`, `region_empty` if the crop
   *   holds no usable point; or the signal's reason.
   */
  async fit(request: FitRequest, options: FitOptions): Promise<EngineAnswer> {
    const { signal, deadline, share, model = this.model.version } = options;
    const start = performance.now();
    this.#admission.require(deadline, share);
    try {
      // The crop is copied, not moved: should the worker die, the geometric fit still has it.
      const result = await this.#network.run({ request, model }, { signal, deadline, share });
      const queueMs = Math.max(0, performance.now() - start - result.inferMs);
      if (result.fallback !== undefined) this.#onFallback(result.fallback);
      return {
        ...result.answer,
        method: result.method,
        fallback: result.fallback,
        queueMs,
        inferMs: result.inferMs,
      };
    } catch (error) {
      if (signal.aborted || !isNearboxError(error, 'internal')) throw error;
      return this.#fitHere(request, error.message, performance.now() - start);
    }
  }

  /**
   * The geometric fit instead of the network, and the reason; in a separate thread. @throws as `fit` does.
   */
  async fitFallback(request: FitRequest, reason: string, options: FitOptions): Promise<EngineAnswer> {
    const start = performance.now();
    this.#geometricAdmission.require(options.deadline);
    const { answer, inferMs } = await this.#geometric.run(request, options);
    this.#onFallback(reason);
    const queueMs = Math.max(0, performance.now() - start - inferMs);
    return { ...answer, method: 'geometric', fallback: reason, queueMs, inferMs };
  }

  /** The geometric fit alone, on this thread: the baseline of the accuracy tables. */
  fitGeometric(request: FitRequest): EngineAnswer {
    const start = performance.now();
    const answer = fitGeometric(request);
    const inferMs = performance.now() - start;
    return { ...answer, method: 'geometric', fallback: 'asked for', queueMs: 0, inferMs };
  }

  stats(): WorkerPoolStats {
    return this.#network.stats();
  }

  /**
   * Lets running fits finish, then ends the workers. A session that is cut off in the middle of a run takes
   * the process with it.
   */
  async close(): Promise<void> {
    await Promise.all([this.#network.close(), this.#geometric.close()]);
  }

  #fitHere(request: FitRequest, reason: string, queueMs: number): EngineAnswer {
    this.#onFallback(reason);
    return { ...this.fitGeometric(request), fallback: reason, queueMs };
  }
}

/**
 * The network on this thread. Its module is loaded only where it is used: a server's main thread does
 * without.
 */
function inlineFits(
  options: FitJobOptions,
  maxQueue: number,
  onWait: FitEngineOptions['onWait'],
): JobRunner<FitJob, FitJobResult> {
  return new InlineJobs({
    name: 'inference',
    maxQueue,
    onWait,
    open: async () => (await import('./fit-jobs.ts')).openFitJobs(options),
  });
}
