/** The shard's side of the thread border: runs the calls that come through a port and answers them. */
import { setMaxListeners } from 'node:events';
import type { Transferable } from 'node:worker_threads';
import { NearboxError } from '../../../cache/index.ts';
import { toSentError } from '../../../cache/workers/index.ts';
import type { PredictionStage } from '../../../inference/index.ts';
import type { ShardReply, ShardRequest } from './messages.ts';
import type { ShardObserver } from './shard-observer.ts';

/** The context of a method besides its arguments. */
export interface CallContext {
  /** Aborts when the caller has left. */
  readonly signal: AbortSignal;
  /** On this thread's clock of `performance.now()`; Infinity: none. */
  readonly deadline: number;
  readonly onStage?: ((stage: PredictionStage) => void) | undefined;
}

/** A value that crosses the border, and the buffers in it that move instead of being copied. */
interface Crossing {
  readonly value: unknown;
  readonly transfer?: readonly Transferable[];
}

/** An answer; `items` are sent one by one, as they are asked for. */
export interface CallAnswer extends Crossing {
  readonly items?: AsyncIterable<Crossing>;
}

export type ShardMethod = (args: readonly never[], context: CallContext) => Promise<CallAnswer>;

/** Where replies go: a Worker, a MessagePort, or `parentPort`. */
export interface Port {
  postMessage(message: unknown, transfer?: readonly Transferable[]): void;
}

/** Told when a call begins and when it has ended, with its stream and however it ends. */
export interface CallHooks {
  begin(signal: AbortSignal, deadline: number): void;
  end(signal: AbortSignal): void;
}

const NO_HOOKS: CallHooks = { begin() {}, end() {} };

interface OpenCall {
  readonly controller: AbortController;
  items: AsyncIterator<Crossing> | null;
}

/** @returns what takes the messages of the main thread; every call is answered by the method of its name. */
export function serveCalls(
  port: Port,
  methods: Readonly<Record<string, ShardMethod>>,
  observer: ShardObserver,
  hooks: CallHooks = NO_HOOKS,
): (request: ShardRequest) => void {
  const open = new Map<number, OpenCall>();
  const send = (reply: ShardReply, transfer: readonly Transferable[] = []) =>
    port.postMessage(reply, transfer);

  const close = (id: number): void => {
    const entry = open.get(id);
    open.delete(id);
    if (entry !== undefined) hooks.end(entry.controller.signal);
  };

  const call = async (request: Extract<ShardRequest, { type: 'call' }>): Promise<void> => {
    const { id, method, args, deadline, isTraced } = request;
    const controller = new AbortController();
    setMaxListeners(0, controller.signal);
    const entry: OpenCall = { controller, items: null };
    open.set(id, entry);
    const context = {
      signal: controller.signal,
      deadline: deadline === null ? Number.POSITIVE_INFINITY : deadline - performance.timeOrigin,
    };
    hooks.begin(context.signal, context.deadline);
    const run = (more: CallContext) => {
      const found = methods[method];
      if (found === undefined) throw new NearboxError('internal', `a shard has no method ${method}`);
      return found(args as readonly never[], more);
    };
    let own: Parameters<ShardObserver['take']>[0];
    try {
      const answer = isTraced
        ? await observer.traced(async (record) => {
            own = record;
            return run({ ...context, onStage: (stage) => record.stages.push(stage) });
          })
        : await run(context);
      const { value, transfer, items } = answer;
      if (items === undefined || controller.signal.aborted) close(id);
      else entry.items = items[Symbol.asyncIterator]();
      send({ type: 'done', id, value, isStream: items !== undefined, ...observer.take(own) }, transfer);
    } catch (error) {
      close(id);
      send({ type: 'failed', id, error: toSentError(error), ...observer.take(own) });
    }
  };

  const next = async (id: number): Promise<void> => {
    const items = open.get(id)?.items;
    // It was aborted while the request for more was on its way.
    if (items === null || items === undefined) return;
    try {
      const { done, value } = await items.next();
      if (done === true) {
        close(id);
        send({ type: 'end', id });
      } else send({ type: 'item', id, value: value.value }, value.transfer);
    } catch (error) {
      close(id);
      send({ type: 'failed', id, error: toSentError(error) });
    }
  };

  const abort = (id: number): void => {
    const entry = open.get(id);
    // A call that is still under way holds what it holds until it has come to its end.
    if (entry !== undefined && entry.items !== null) close(id);
    entry?.controller.abort(new Error('the caller has left'));
    entry?.items?.return?.().catch(() => {});
  };

  return (request) => {
    if (request.type === 'call') void call(request);
    else if (request.type === 'next') void next(request.id);
    else abort(request.id);
  };
}
