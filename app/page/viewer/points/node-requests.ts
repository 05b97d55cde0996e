/** The requests for one cloud: a few at a time, each at most once, made again when they fail in passing. */
import { ApiError } from '../../api/index.ts';

/** Requests of a cloud at once; browsers open six connections to a host over HTTP/1.1. */
const MAX_REQUESTS = 6;
/** Pauses before a request that failed in passing is made again, milliseconds; the last one repeats. */
const RETRY_AFTER_MS = [500, 2000, 8000] as const;

export interface NodeRequestsOptions {
  /** A request has ended: there is room for the next one. */
  readonly onFree: () => void;
  /** A request that failed in passing may be made again. */
  readonly onRested: () => void;
  /** A request has failed for good. */
  readonly onFailed: (name: string, error: unknown) => void;
}

export class NodeRequests {
  readonly #options: NodeRequestsOptions;
  readonly #running = new Map<string, AbortController>();
  readonly #failed = new Set<string>();
  readonly #attempts = new Map<string, number>();
  readonly #resting = new Map<string, ReturnType<typeof setTimeout>>();
  #isClosed = false;

  constructor(options: NodeRequestsOptions) {
    this.#options = options;
  }

  get isFull(): boolean {
    return this.#running.size >= MAX_REQUESTS;
  }

  /** What will not come any more. */
  get failed(): ReadonlySet<string> {
    return this.#failed;
  }

  /** Makes a request, unless it is under way, waits for its next attempt, or has failed for good. */
  start(name: string, run: (signal: AbortSignal) => Promise<void>): void {
    if (this.#isClosed || this.#running.has(name) || this.#failed.has(name) || this.#resting.has(name))
      return;
    const controller = new AbortController();
    this.#running.set(name, controller);
    const end = () => {
      if (this.#running.get(name) === controller) this.#running.delete(name);
      if (!this.#isClosed) this.#options.onFree();
    };
    run(controller.signal).then(
      () => {
        this.#attempts.delete(name);
        end();
      },
      (error: unknown) => {
        if (!controller.signal.aborted) this.#fail(name, error);
        end();
      },
    );
  }

  /** Gives up the requests that `isWanted` says no to. */
  keepOnly(isWanted: (name: string) => boolean): void {
    for (const [name, controller] of this.#running) {
      if (isWanted(name)) continue;
      this.#running.delete(name);
      controller.abort();
    }
  }

  /** Gives up all requests. They are made again when they are wanted again. */
  abortAll(): void {
    this.keepOnly(() => false);
    this.retryNow();
  }

  /** Makes requests that wait for their next attempt again at once: the server can be reached again. */
  retryNow(): void {
    for (const timer of this.#resting.values()) clearTimeout(timer);
    this.#resting.clear();
    this.#attempts.clear();
  }

  /** Nothing more is asked for. */
  close(): void {
    this.#isClosed = true;
    this.abortAll();
  }

  #fail(name: string, error: unknown): void {
    if (!isPassing(error)) {
      this.#failed.add(name);
      this.#options.onFailed(name, error);
      return;
    }
    const attempt = this.#attempts.get(name) ?? 0;
    this.#attempts.set(name, attempt + 1);
    const rested = () => {
      this.#resting.delete(name);
      if (!this.#isClosed) this.#options.onRested();
    };
    this.#resting.set(name, setTimeout(rested, RETRY_AFTER_MS[Math.min(attempt, RETRY_AFTER_MS.length - 1)]));
  }
}

/** True for what may be over in a moment: no connection, or a server that is busy or was interrupted. */
export function isPassing(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status === 429 || error.status >= 500);
}
