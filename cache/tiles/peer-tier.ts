/**
 * The peer tier: each tile has one owner among the instances of a region, which reads it from the origin for
 * all of them.
 */
import type { HttpSource } from '../sources/index.ts';
import type { Peer } from './peers.ts';
import { ownerOf } from './rendezvous.ts';
import { nodePath, type TileUpstream } from './tile-upstreams.ts';

export interface PeerTierOptions {
  readonly peers: { list(): Promise<readonly Peer[]> };
  /** The `/tiles` of an instance. Asked once for each; closed by `close`. */
  readonly open: (origin: string) => Pick<HttpSource, 'read' | 'close'>;
  /**
   * Where several threads of this instance read tiles: whether this one reads those of `cloud` that the
   * instance owns. Another thread asks its own instance for them. Default: always.
   */
  readonly isHome?: (cloud: string) => boolean;
  /** How long an owner is waited for before the origin is asked as well, milliseconds. */
  readonly hedgeAfterMs: number;
  /** How long an owner that failed is passed over, milliseconds. Default: 5,000. */
  readonly restMs?: number;
  /** Reads in a row that an owner may be too slow for before it is passed over. Default: 3. */
  readonly maxSlow?: number;
  /** Milliseconds, monotonic. Default: `performance.now`. */
  readonly clock?: () => number;
}

interface Known {
  readonly source: Pick<HttpSource, 'read' | 'close'>;
  slow: number;
  restsUntil: number;
}

/**
 * Asks a tile's owner for it; null if this instance is the owner. An owner that fails, or is repeatedly
 * slower than the origin, is skipped for a while: its tiles go to the next instance in rendezvous order.
 */
export class PeerTier implements TileUpstream {
  readonly name = 'owner';
  readonly hedgeAfterMs: number;
  readonly #options: Required<PeerTierOptions>;
  readonly #known = new Map<string, Known>();

  constructor(options: PeerTierOptions) {
    const { restMs = 5000, maxSlow = 3, clock = () => performance.now(), isHome = () => true } = options;
    this.#options = { ...options, restMs, maxSlow, clock, isHome };
    this.hedgeAfterMs = options.hedgeAfterMs;
  }

  readonly read: TileUpstream['read'] = async (address, { signal, maxBytes }) => {
    const { peers, clock, restMs, maxSlow, isHome } = this.#options;
    const all = await peers.list();
    this.#forget(all);
    const isAwake = ({ origin }: Peer) => (this.#known.get(origin)?.restsUntil ?? 0) <= clock();
    const path = nodePath(address);
    const origin = ownerOf(
      path,
      all.filter(isAwake).map((peer) => peer.origin),
    );
    const owner = all.find((peer) => peer.origin === origin);
    if (owner === undefined || (owner.isSelf && isHome(address.cloud))) return null;
    const known = this.#open(owner.origin);
    try {
      const tile = await known.source.read(path, { signal, maxBytes });
      known.slow = 0;
      return tile?.bytes ?? null;
    } catch (error) {
      known.slow += 1;
      // Aborted because another source was faster or the caller gave up: counts against the owner only if it
      // happens repeatedly.
      if (!signal.aborted || known.slow >= maxSlow) {
        known.slow = 0;
        known.restsUntil = clock() + restMs;
      }
      throw error;
    }
  };

  async close(): Promise<void> {
    await Promise.all([...this.#known.values()].map(({ source }) => source.close()));
  }

  #open(origin: string): Known {
    const known = this.#known.get(origin) ?? { source: this.#options.open(origin), slow: 0, restsUntil: 0 };
    this.#known.set(origin, known);
    return known;
  }

  /** Closes peers that are no longer in the list. */
  #forget(all: readonly Peer[]): void {
    if (this.#known.size <= 2 * all.length + 8) return;
    const present = new Set(all.map(({ origin }) => origin));
    for (const [origin, { source }] of this.#known) {
      if (present.has(origin)) continue;
      this.#known.delete(origin);
      void source.close().catch(() => {});
    }
  }
}
