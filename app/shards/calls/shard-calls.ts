/** The main thread's side of the border: calls a shard's methods through a port. */
import { type NearboxError, whenAborted } from '../../../cache/foundation/index.ts';
import { fromSentError } from '../../../cache/workers/index.ts';
import type { Observed, ShardReply, ShardRequest } from './messages.ts';
import type { Port } from './serve-calls.ts';

export interface ShardCallOptions {
  /** Cancels the call: it rejects with the signal's reason at once, and the shard aborts it. */
  readonly signal?: AbortSignal | undefined;
  /** On this thread's clock of `performance.now()`. Only told to the shard: `signal` ends the wait. */
  readonly deadline?: number | undefined;
  /** Whether `own` is wanted in the answer. Default: no. */
  readonly isTraced?: boolean | undefined;
}

export interface Called {
  readonly value: unknown;
  /** Why there is no value; null if there is one. */
  readonly error: NearboxError | null;
  /** Of a stream. To be read to its end or left by `break`, which tells the shard. */
  readonly items: AsyncIterable<unknown> | null;
  readonly own: Observed['own'];
}

/** Replies to calls. */
export type CallReply = Exclude<ShardReply, { type: 'ready' | 'fatal' | 'log' }>;

/** One call or stream that waits for a reply. */
interface PendingCall {
  settle(reply: CallReply): void;
  fail(error: unknown): void;
}

export class ShardCalls {
  readonly #port: Port;
  readonly #onStorage: (calls: NonNullable<Observed['storage']>) => void;
  readonly #waiting = new Map<number, PendingCall>();
  #lastId = 0;
  /** Why no reply comes any more; null while there may be one. */
  #gone: NearboxError | null = null;

  /** `onStorage` is called for calls of the storage that belong to no traced call. */
  constructor(port: Port, onStorage: (calls: NonNullable<Observed['storage']>) => void) {
    this.#port = port;
    this.#onStorage = onStorage;
  }

  /** Calls that wait for a reply, streams included. */
  get size(): number {
    return this.#waiting.size;
  }

  /** What the method throws is in the answer, as a NearboxError. @throws the signal's reason. */
  call(
    method: string,
    args: readonly unknown[],
    { signal, deadline, isTraced = false }: ShardCallOptions = {},
  ): Promise<Called> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#gone !== null) return Promise.reject(this.#gone);
    const id = ++this.#lastId;
    const endsAt = deadline === undefined || deadline === Number.POSITIVE_INFINITY ? null : deadline;
    return new Promise<Called>((resolve, reject) => {
      const unlink = whenAborted(signal, (reason) => {
        this.#waiting.delete(id);
        this.#send({ type: 'abort', id });
        reject(reason);
      });
      const settled = () => {
        this.#waiting.delete(id);
        unlink();
      };
      this.#waiting.set(id, {
        settle: (reply) => {
          settled();
          if (reply.type === 'failed')
            resolve({ value: undefined, error: fromSentError(reply.error), items: null, own: reply.own });
          else if (reply.type === 'done')
            resolve({
              value: reply.value,
              error: null,
              items: reply.isStream ? this.#items(id, signal) : null,
              own: reply.own,
            });
        },
        fail: (error) => {
          settled();
          reject(error);
        },
      });
      try {
        this.#send({
          type: 'call',
          id,
          method,
          args,
          deadline: endsAt === null ? null : performance.timeOrigin + endsAt,
          isTraced,
        });
      } catch (error) {
        // An argument cannot be cloned.
        settled();
        reject(error);
      }
    });
  }

  /** Takes a message of the shard. */
  receive(reply: CallReply): void {
    if ((reply.type === 'done' || reply.type === 'failed') && reply.storage !== undefined)
      this.#onStorage(reply.storage);
    const waiting = this.#waiting.get(reply.id);
    if (waiting !== undefined) waiting.settle(reply);
    // The caller left before the stream began.
    else if (reply.type === 'done' && reply.isStream) this.#send({ type: 'abort', id: reply.id });
  }

  /** Fails everything that waits, and all that is asked for later: the shard is gone. */
  failAll(error: NearboxError): void {
    this.#gone ??= error;
    for (const { fail } of [...this.#waiting.values()]) fail(error);
  }

  async *#items(id: number, signal: AbortSignal | undefined): AsyncGenerator<unknown> {
    let isOver = false;
    try {
      for (;;) {
        const reply = await this.#next(id, signal);
        if (reply.type === 'item') yield reply.value;
        else {
          isOver = true;
          if (reply.type === 'failed') throw fromSentError(reply.error);
          return;
        }
      }
    } finally {
      if (!isOver) this.#send({ type: 'abort', id });
    }
  }

  #next(id: number, signal: AbortSignal | undefined): Promise<CallReply> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#gone !== null) return Promise.reject(this.#gone);
    return new Promise((resolve, reject) => {
      const unlink = whenAborted(signal, (reason) => {
        this.#waiting.delete(id);
        reject(reason);
      });
      const settled = () => {
        this.#waiting.delete(id);
        unlink();
      };
      this.#waiting.set(id, {
        settle: (reply) => {
          settled();
          resolve(reply);
        },
        fail: (error) => {
          settled();
          reject(error);
        },
      });
      this.#send({ type: 'next', id });
    });
  }

  #send(request: ShardRequest): void {
    this.#port.postMessage(request);
  }
}
