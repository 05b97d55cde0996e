/** Clouds behind HTTP(S): any server of static files, or a CDN in front of other instances. */
import type { Agent } from 'undici';
import {
  type ByteSource,
  isPlainPath,
  type ObjectStat,
  type ReadOptions,
  type SourceOptions,
  type StoredObject,
} from '../byte-source/index.ts';
import { loopHeaders, loopToken } from './cdn-loop.ts';
import type { RemoteRequest, RemoteResponse, Transport } from './remote/index.ts';
import {
  areDatesTrusted,
  type RemoteLimits,
  type RemoteOptions,
  RemoteReader,
  toRangeHeader,
  toRemoteLimits,
  unchangedMs,
} from './remote/index.ts';

export interface HttpSourceOptions extends RemoteOptions {
  /**
   * What all paths are below: `https://host/folder`. A query is sent with every request (a shared access signature), a user and password
   * become Basic authorization; neither ever appears in a message.
   */
  readonly base: string;
  /** Sent with every request, for instance `authorization`. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What marks the reads in `CDN-Loop`. Default: a token of the base. */
  readonly loopToken?: string;
}

/**
 * Reads objects below one base URL and nothing else. Paths cannot lead out of it, redirects are refused, and there is no listing.
 * Reads are marked as told in `cdn-loop.ts`.
 */
export class HttpSource implements ByteSource {
  readonly label: string;
  readonly rootName: string | null;
  /** What stands for this base in `CDN-Loop`; see `isLoop`. */
  readonly loopToken: string;
  readonly #transport: HttpTransport;
  readonly #reader: RemoteReader;

  constructor(options: HttpSourceOptions) {
    const limits = toRemoteLimits(options);
    const base = parseBase(options.base);
    this.label = `${base.origin}${base.folder}`;
    this.rootName = base.name;
    this.loopToken = options.loopToken ?? loopToken(this.label);
    this.#transport = new HttpTransport(this.label, base, limits, {
      ...lowerCased(options.headers ?? {}),
      ...loopHeaders(this.loopToken),
    });
    this.#reader = new RemoteReader(this.#transport, limits);
  }

  read(path: string, options?: ReadOptions): Promise<StoredObject | null> {
    return this.#reader.read(path, options);
  }

  stat(path: string, options?: SourceOptions): Promise<ObjectStat | null> {
    return this.#reader.stat(path, options);
  }

  /** Closes all connections; reads under way fail. */
  close(): Promise<void> {
    return this.#transport.close();
  }
}

interface Base {
  readonly origin: string;
  /** Path of the base as it is sent, without a slash at its end. */
  readonly folder: string;
  readonly query: string;
  readonly authorization: string | null;
  readonly name: string | null;
}

interface Agents {
  readonly reusing: Agent;
  /** Without keep-alive, so that each request opens a connection: a retry should not meet the same broken one. */
  readonly fresh: Agent;
}

class HttpTransport implements Transport {
  readonly label: string;
  readonly #base: Base;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #limits: RemoteLimits;
  #agents: Promise<Agents> | undefined;

  constructor(label: string, base: Base, limits: RemoteLimits, headers: Readonly<Record<string, string>>) {
    this.label = label;
    this.#base = base;
    this.#headers = {
      // Bytes are checked and cached as they are stored.
      'accept-encoding': 'identity',
      'user-agent': 'nearbox',
      ...(base.authorization === null ? {} : { authorization: base.authorization }),
      ...headers,
    };
    this.#limits = limits;
  }

  async send({ method, path, range, last, ifMatch, signal, fresh }: RemoteRequest): Promise<RemoteResponse> {
    const { origin, folder, query } = this.#base;
    const target = `${folder}/${path.split('/').map(encodeURIComponent).join('/')}${query}`;
    this.#agents ??= openAgents(this.#limits);
    const agents = await this.#agents;
    const stretch = toRangeHeader(range, last);
    const agent = fresh ? agents.fresh : agents.reusing;
    const { statusCode, headers, body } = await agent.request({
      origin,
      path: target,
      method,
      signal,
      headers: {
        ...this.#headers,
        ...(stretch === undefined ? {} : { range: stretch }),
        ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
      },
    });
    const contentLength = toLength(headers['content-length']);
    return {
      status: statusCode,
      contentLength,
      framed: contentLength !== null || one(headers['transfer-encoding']) !== null,
      contentRange: one(headers['content-range']),
      contentEncoding: one(headers['content-encoding']),
      etag: one(headers.etag),
      retryAfter: one(headers['retry-after']),
      unchangedMs: areDatesTrusted(headers, this.#limits.dates)
        ? unchangedMs(one(headers['last-modified']), one(headers.date))
        : undefined,
      body,
    };
  }

  async close(): Promise<void> {
    const agents = await this.#agents?.catch(() => undefined);
    await Promise.all([agents?.reusing.destroy(), agents?.fresh.destroy()]);
  }
}

/** Loaded when it is first needed: a server on a folder need not pay for it at its start. */
async function openAgents({ maxConnections, connectTimeoutMs }: RemoteLimits): Promise<Agents> {
  const { Agent } = await import('undici');
  // The reader keeps the other times, to the millisecond and for the whole of an attempt.
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

function parseBase(text: string): Base {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hash !== '') {
    throw new TypeError('`base` must be an http:// or https:// URL without a fragment');
  }
  const folder = url.pathname.replace(/\/+$/, '');
  const user = `${decode(url.username) ?? ''}:${decode(url.password) ?? ''}`;
  const name = decode(folder.slice(folder.lastIndexOf('/') + 1));
  return {
    origin: url.origin,
    folder,
    query: url.search,
    authorization: user === ':' ? null : `Basic ${Buffer.from(user).toString('base64')}`,
    name: name !== null && isPlainPath(name) && !name.includes('/') && !name.startsWith('~') ? name : null,
  };
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** A header that may occur once. Twice is as good as nonsense. */
function one(header: string | string[] | undefined): string | null {
  return typeof header === 'string' ? header : null;
}

function toLength(header: string | string[] | undefined): number | null {
  const text = one(header);
  if (text === null || !/^\d{1,15}$/.test(text)) return null;
  return Number(text);
}
