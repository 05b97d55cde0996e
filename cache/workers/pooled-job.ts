/** One job of a WorkerPool on its way: its promise, its signal and its deadline. */
import { performance } from 'node:perf_hooks';
import type { Transferable } from 'node:worker_threads';
import { NearboxError, whenAborted } from '../foundation/index.ts';

/** What setTimeout can count to. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export class PooledJob<Job, Result> {
  readonly job: Job;
  readonly transfer: readonly Transferable[];
  readonly promise: Promise<Result>;
  readonly #leaveQueue: (job: PooledJob<Job, Result>) => void;
  #settle!: { resolve: (result: Result) => void; reject: (error: unknown) => void };
  #unlink: () => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  #beganAt = 0;

  constructor(
    job: Job,
    transfer: readonly Transferable[],
    leaveQueue: (job: PooledJob<Job, Result>) => void,
  ) {
    this.job = job;
    this.transfer = transfer;
    this.#leaveQueue = leaveQueue;
    this.promise = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
  }

  /** From now on the signal and the deadline may end the caller's wait, whether the job waits or runs. */
  watch(signal: AbortSignal | undefined, deadline: number | undefined, poolName: string): void {
    this.#unlink = whenAborted(signal, (reason) => this.#leave(reason));
    if (deadline === undefined || deadline === Number.POSITIVE_INFINITY) return;
    const expire = () =>
      this.#leave(new NearboxError('deadline_exceeded', `no ${poolName} result within the deadline`));
    this.#timer = setTimeout(expire, Math.min(MAX_TIMER_MS, Math.max(0, deadline - performance.now())));
  }

  /** A worker has it now. */
  begin(): void {
    this.#beganAt = performance.now();
  }

  /** Time since a worker got it, milliseconds. */
  serviceMs(): number {
    return performance.now() - this.#beganAt;
  }

  resolve(result: Result): void {
    this.#unwatch();
    this.#settle.resolve(result);
  }

  reject(error: unknown): void {
    this.#unwatch();
    this.#settle.reject(error);
  }

  #leave(reason: unknown): void {
    this.#leaveQueue(this);
    this.reject(reason);
  }

  #unwatch(): void {
    this.#unlink();
    clearTimeout(this.#timer);
  }
}
