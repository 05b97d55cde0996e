/** One place in a pool: a worker thread, and the job it has. */
import type { Transferable, Worker } from 'node:worker_threads';
import { PulseWatch, ThreadPulse } from '../pulse/index.ts';
import { startWorker } from './start-worker.ts';
import type { WorkerMessage, WorkerStart } from './worker-messages.ts';

export interface SlotEvents<Result> {
  onReady(slot: WorkerSlot<Result>): void;
  onMessage(slot: WorkerSlot<Result>, message: Exclude<WorkerMessage<Result>, { type: 'ready' }>): void;
  /** The thread is gone and was not asked to go. */
  onDeath(slot: WorkerSlot<Result>, error: unknown): void;
}

/**
 * A thread that is alive. It keeps the process alive while it starts and while it is busy, and not while it
 * is idle.
 */
export class WorkerSlot<Result> {
  readonly #worker: Worker;
  readonly #watch: PulseWatch;
  #state: 'starting' | 'idle' | 'busy' | 'gone' = 'starting';

  constructor(name: string, start: WorkerStart, events: SlotEvents<Result>) {
    const pulse = ThreadPulse.allocate();
    this.#watch = new PulseWatch(new ThreadPulse(pulse));
    this.#worker = startWorker(name, { ...start, pulse });
    const die = (error: unknown) => {
      if (this.#state === 'gone') return;
      this.#state = 'gone';
      events.onDeath(this, error);
    };
    this.#worker.on('message', (message: WorkerMessage<Result>) => {
      if (this.#state === 'gone') return;
      this.#state = 'idle';
      this.#worker.unref();
      if (message.type === 'ready') events.onReady(this);
      else events.onMessage(this, message);
    });
    this.#worker.on('messageerror', die);
    this.#worker.on('error', die);
    this.#worker.on('exit', (code) => die(new Error(`exit code ${code}`)));
  }

  get isIdle(): boolean {
    return this.#state === 'idle';
  }

  get isStarting(): boolean {
    return this.#state === 'starting';
  }

  /** Hands the job over. Throws if it cannot be cloned or transferred; the slot is idle then, as before. */
  post(job: unknown, transfer: readonly Transferable[]): void {
    this.#worker.postMessage({ job }, transfer as Transferable[]);
    this.#state = 'busy';
    this.#worker.ref();
  }

  /**
   * Ends the thread if it hangs in its job: if its event loop stood still for `LOOKS` looks, and not in
   * native code. To be called at regular intervals.
   * @returns true if it did
   */
  endIfHung(): boolean {
    if (this.#state !== 'busy' || !this.#watch.look()) return false;
    this.#state = 'gone';
    this.#worker.terminate().catch(() => {});
    return true;
  }

  /** Ends the thread. Only for an idle one: ending a thread during a native call aborts the process. */
  async terminate(): Promise<void> {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    await this.#worker.terminate();
  }
}
