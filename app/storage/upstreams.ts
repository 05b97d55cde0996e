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

/**
 * The storage stands by, so one try is enough; what has not begun to answer after a second is not worth
 * waiting for.
 */
const REMOTE = { maxAttempts: 1, connectTimeoutMs: 500, headersTimeoutMs: 5000 } as const;

type Remote = Omit<HttpSourceOptions, 'base'>;

/** @throws ConfigError if a URL is none. */
export function openUpstreams(
  config: Pick<ServeConfig, 'tilesUrl' | 'tilesKey' | 'peers' | 'upstreamHedgeAfterMs' | 'port'>,
): Upstreams {
  const { tilesUrl, tilesKey, peers: urls, upstreamHedgeAfterMs, port } = config;
  const remote = {
    ...REMOTE,
    ...(tilesKey !== undefined && { headers: { authorization: `Bearer ${tilesKey}` } }),
  };
  const owner = urls === undefined ? null : openOwner(urls, port, upstreamHedgeAfterMs, remote);
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

function openOwner(urls: readonly string[], port: number, hedgeAfterMs: number, remote: Remote): PeerTier {
  const peers = checked('--peers', () => new Peers({ urls, port }));
  const open = (origin: string) =>
    new HttpSource({ ...remote, base: `${origin}/tiles`, loopToken: PEER_TOKEN });
  return new PeerTier({ peers, open, hedgeAfterMs });
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
