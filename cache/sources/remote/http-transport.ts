/**
 * Requests over HTTP by undici, without streams: bytes go from the socket into the buffer that they stay in.
 */
import type { Agent, Dispatcher } from 'undici';
import { type BodyPlan, BodySink } from './body-sink.ts';
import { toRangeHeader } from './content-range.ts';
import type { RemoteLimits } from './options.ts';
import type { Exchange, ExchangeHandlers, RemoteHead, RemoteRequest, Transport } from './transport.ts';
import { areDatesTrusted, placementOf } from './unchanged.ts';

/** What all requests go to. */
export interface HttpBase {
  readonly origin: string;
  /** Path of the base as it is sent, without a slash at its end. */
  readonly folder: string;
  readonly query: string;
}

interface Agents {
  readonly reusing: Agent;
  /**
   * Without keep-alive, so that each request opens a connection: a retry should not meet the same broken one.
   */
  readonly fresh: Agent;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

export class HttpTransport implements Transport {
  readonly label: string;
  readonly #base: HttpBase;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #limits: RemoteLimits;
  #agents: Agents | undefined;
  #opening: Promise<Agents> | undefined;

  constructor(
    label: string,
    base: HttpBase,
    limits: RemoteLimits,
    headers: Readonly<Record<string, string>>,
  ) {
    this.label = label;
    this.#base = base;
    // Bytes are checked and cached as they are stored.
    this.#headers = { 'accept-encoding': 'identity', 'user-agent': 'nearbox', ...headers };
    this.#limits = limits;
  }

  send(request: RemoteRequest, handlers: ExchangeHandlers): Exchange {
    const exchange = new HttpExchange(
      (headers, status) => handlers.onHead(this.#toHead(status, headers)),
      handlers,
    );
    if (this.#agents !== undefined) this.#dispatch(this.#agents, request, exchange);
    else
      this.#open().then(
        (agents) => this.#dispatch(agents, request, exchange),
        (error) => exchange.fail(error),
      );
    return exchange;
  }

  async close(): Promise<void> {
    const agents = this.#agents ?? (await this.#opening?.catch(() => undefined));
    await Promise.all([agents?.reusing.destroy(), agents?.fresh.destroy()]);
  }

  #dispatch(agents: Agents, request: RemoteRequest, exchange: HttpExchange): void {
    const { method, path, range, last, ifMatch, fresh } = request;
    const { origin, folder, query } = this.#base;
    const headers: Record<string, string> = { ...this.#headers };
    const rangeHeader = toRangeHeader(range, last);
    if (rangeHeader !== undefined) headers.range = rangeHeader;
    if (ifMatch !== undefined) headers['if-match'] = ifMatch;
    const target = `${folder}/${path.split('/').map(encodeURIComponent).join('/')}${query}`;
    try {
      const agent = fresh ? agents.fresh : agents.reusing;
      agent.dispatch({ origin, path: target, method, headers }, exchange);
    } catch (error) {
      exchange.fail(error);
    }
  }

  /** Undici is loaded when it is first needed: a server on a folder does not pay for it at its start. */
  #open(): Promise<Agents> {
    this.#opening ??= openAgents(this.#limits).then((agents) => {
      this.#agents = agents;
      return agents;
    });
    return this.#opening;
  }

  #toHead(status: number, headers: Headers): RemoteHead {
    const contentLength = toLength(headers['content-length']);
    return {
      status,
      contentLength,
      framed: contentLength !== null || one(headers['transfer-encoding']) !== null,
      contentRange: one(headers['content-range']),
      contentEncoding: one(headers['content-encoding']),
      etag: one(headers.etag),
      retryAfter: one(headers['retry-after']),
      ...(areDatesTrusted(headers, this.#limits.dates) &&
        placementOf(one(headers['last-modified']), one(headers.date))),
    };
  }
}

/** A larger rest of an unneeded body is not read only to keep the connection. */
const MAX_DRAIN_BYTES = 64 * 1024;

/** One request: undici calls the `on...` methods, the store waits for `body`. */
class HttpExchange implements Exchange, Dispatcher.DispatchHandler {
  readonly body: Promise<Uint8Array<ArrayBuffer> | null>;
  readonly #onHead: (headers: Headers, status: number) => BodyPlan | null;
  readonly #handlers: ExchangeHandlers;
  #resolve!: (bytes: Uint8Array<ArrayBuffer> | null) => void;
  #reject!: (error: unknown) => void;
  #controller: Dispatcher.DispatchController | null = null;
  #cancelled: Error | null = null;
  /** What the head was refused with. */
  #refusal: unknown = null;
  #sink: BodySink | null = null;
  #drained = 0;

  constructor(onHead: (headers: Headers, status: number) => BodyPlan | null, handlers: ExchangeHandlers) {
    this.#onHead = onHead;
    this.#handlers = handlers;
    this.body = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  cancel(reason: Error): void {
    this.#cancelled = reason;
    this.#controller?.abort(reason);
  }

  fail(error: unknown): void {
    this.#reject(error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#cancelled !== null) controller.abort(this.#cancelled);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    // An interim answer; the real one follows.
    if (status < 200) return;
    try {
      const plan = this.#onHead(headers, status);
      if (plan !== null) this.#sink = new BodySink(plan);
    } catch (error) {
      // What is left of the body is read, so that the connection can be used again.
      this.#refusal = error;
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#handlers.onProgress();
    try {
      if (this.#sink !== null) this.#sink.add(chunk);
      else this.#drain(controller, chunk);
    } catch (error) {
      this.#reject(error);
      controller.abort(error as Error);
    }
  }

  onResponseEnd(): void {
    try {
      this.#finish(this.#sink?.finish() ?? null);
    } catch (error) {
      this.#reject(error);
    }
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#reject(error);
  }

  #drain(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#drained += chunk.length;
    if (this.#drained <= MAX_DRAIN_BYTES) return;
    this.#finish(null);
    controller.abort(new Error('this body is not needed'));
  }

  #finish(bytes: Uint8Array<ArrayBuffer> | null): void {
    if (this.#refusal === null) this.#resolve(bytes);
    else this.#reject(this.#refusal);
  }
}

async function openAgents({ maxConnections, connectTimeoutMs }: RemoteLimits): Promise<Agents> {
  const { Agent } = await import('undici');
  // The store keeps the other times, to the millisecond and for the whole of an attempt.
  const shared = {
    connections: maxConnections,
    connect: { timeout: connectTimeoutMs },
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  return {
    reusing: new Agent({ ...shared, pipelining: 1, keepAliveTimeout: 4000 }),
    fresh: new Agent({ ...shared, pipelining: 0 }),
  };
}

/** A header that may occur once. One that occurs twice says nothing. */
function one(header: string | string[] | undefined): string | null {
  return typeof header === 'string' ? header : null;
}

function toLength(header: string | string[] | undefined): number | null {
  const text = one(header);
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
