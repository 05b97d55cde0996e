/** Clouds behind HTTP(S): any server of static files, or a CDN in front of other instances. */
import { isPlainPath } from '../byte-source/index.ts';
import { OriginPipeline, type OriginSteps } from '../origin/index.ts';
import { loopHeaders, loopToken } from './cdn-loop.ts';
import {
  type HttpBase,
  HttpTransport,
  type RemoteOptions,
  RemoteStore,
  stepsOf,
  toRemoteLimits,
} from './remote/index.ts';

export interface HttpSourceOptions extends RemoteOptions {
  /**
   * What all paths are below: `https://host/folder`. A query is sent with every request (a shared access
   * signature), a user and password become Basic authorization; neither ever appears in a message.
   */
  readonly base: string;
  /** Sent with every request, for instance `authorization`. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What marks the reads in `CDN-Loop`. Default: a token of the base. */
  readonly loopToken?: string;
}

/**
 * Reads objects below one base URL and nothing else. Paths cannot lead out of it, redirects are refused, and
 * there is no listing. Reads are marked as told in `cdn-loop.ts`.
 */
export class HttpSource extends OriginPipeline {
  /** What stands for this base in `CDN-Loop`; see `isLoop`. */
  readonly loopToken: string;
  readonly #transport: HttpTransport;

  /** @param steps What a read goes through besides retries and the limit on requests, which `options` set. */
  constructor(options: HttpSourceOptions, steps: OriginSteps = {}) {
    const limits = toRemoteLimits(options);
    const base = parseBase(options.base);
    const label = `${base.origin}${base.folder}`;
    const token = options.loopToken ?? loopToken(label);
    const transport = new HttpTransport(label, base, limits, {
      ...(base.authorization !== null && { authorization: base.authorization }),
      ...lowerCased(options.headers ?? {}),
      ...loopHeaders(token),
    });
    super(new RemoteStore(transport, limits, base.name), { ...steps, ...stepsOf(limits) });
    this.loopToken = token;
    this.#transport = transport;
  }

  /** Closes all connections; reads under way fail. */
  close(): Promise<void> {
    return this.#transport.close();
  }
}

interface Base extends HttpBase {
  readonly authorization: string | null;
  readonly name: string | null;
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
