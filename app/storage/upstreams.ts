/**
 * Where tiles may be had without the storage: from their owner among the instances of a region, and through a
 * CDN.
 */
import {
  cdnUpstream,
  HttpSource,
  type HttpSourceOptions,
  PEER_TOKEN,
  Peers,
  PeerTier,
  type PeerTierOptions,
  type TileUpstream,
} from '../../cache/index.ts';
import { ConfigError, type ServeConfig } from '../config/index.ts';

export interface Upstreams {
  /** In the order in which they are tried. */
  readonly all: readonly TileUpstream[];
  /** What marks a request that another instance, or this one, makes on such a way; see `cdn-loop.ts`. */
  readonly loopTokens: readonly string[];
  /** Closes their connections. */
  close(): Promise<void>;
}

/** How long an upstream is waited for, milliseconds. The storage stands by, so one attempt is enough. */
const CONNECT_MS = 500;
const HEADERS_MS = 5000;

type Remote = Omit<HttpSourceOptions, 'base'>;

/**
 * `isHome`: see `PeerTierOptions`.
 * @throws ConfigError if a URL is none.
 */
export function openUpstreams(
  config: Pick<ServeConfig, 'tilesUrl' | 'tilesKey' | 'peers' | 'upstreamHedgeAfterMs' | 'port'>,
  isHome?: PeerTierOptions['isHome'],
): Upstreams {
  const { tilesUrl, tilesKey, peers: urls, upstreamHedgeAfterMs, port } = config;
  const remote = {
    maxAttempts: 1,
    // An upstream does not count as failed while its answer would still be waited for.
    connectTimeoutMs: Math.max(CONNECT_MS, upstreamHedgeAfterMs),
    headersTimeoutMs: Math.max(HEADERS_MS, upstreamHedgeAfterMs),
    ...(tilesKey !== undefined && { headers: { authorization: `Bearer ${tilesKey}` } }),
  };
  const owner =
    urls === undefined ? null : openOwner(urls, { port, hedgeAfterMs: upstreamHedgeAfterMs, remote, isHome });
  const cdn = tilesUrl === undefined ? null : openCdn(tilesUrl, remote);
  return {
    all: [
      ...(owner === null ? [] : [owner]),
      ...(cdn === null ? [] : [cdnUpstream(cdn, upstreamHedgeAfterMs)]),
    ],
    // Any instance may be asked by another one that has it in its list.
    loopTokens: [PEER_TOKEN, ...(cdn === null ? [] : [cdn.loopToken])],
    async close() {
      await Promise.all([owner?.close(), cdn?.close()]);
    },
  };
}

interface OwnerOptions {
  readonly port: number;
  readonly hedgeAfterMs: number;
  readonly remote: Remote;
  readonly isHome: PeerTierOptions['isHome'];
}

function openOwner(urls: readonly string[], { port, remote, hedgeAfterMs, isHome }: OwnerOptions): PeerTier {
  const peers = checked('--peers', () => new Peers({ urls, port }));
  const open = (origin: string) =>
    new HttpSource({ ...remote, base: `${origin}/tiles`, loopToken: PEER_TOKEN });
  return new PeerTier({ peers, open, hedgeAfterMs, ...(isHome !== undefined && { isHome }) });
}

function openCdn(base: string, remote: Remote): HttpSource {
  return checked('--tiles-url', () => new HttpSource({ ...remote, base }));
}

function checked<Value>(flag: string, make: () => Value): Value {
  try {
    return make();
  } catch (error) {
    if (error instanceof TypeError) throw new ConfigError([`${flag}: ${error.message}`]);
    throw error;
  }
}
