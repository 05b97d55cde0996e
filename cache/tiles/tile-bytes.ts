/**
 * Stored bytes of tiles: from disk, else from an upstream or the origin, fetched once for all concurrent
 * callers.
 */
import type { ByteSource } from '../byte-source/index.ts';
import type { DiskTier } from '../disk/index.ts';
import { BufferPool, isNearboxError, Singleflight, SYSTEM_TIMING, type Timing } from '../foundation/index.ts';
import { MemoryTier, type MemoryTierStats } from '../memory/index.ts';
import { hedgedFallback } from './hedged-fallback.ts';
import type { TileAddress } from './tile-address.ts';
import type { TileUpstream } from './tile-upstreams.ts';

export interface TileBytesOptions {
  readonly source: ByteSource;
  /** Default: none; every read goes to the source. */
  readonly disk?: DiskTier | undefined;
  /** Places to ask before the source, in this order. Default: none. */
  readonly upstreams?: readonly TileUpstream[] | undefined;
  /**
   * Memory for stored tiles that were read from the source last, bytes: they take less than half of their
   * decoded points, and other instances may ask for them soon. Default: 64 MiB with upstreams, else 0.
   */
  readonly recentBytes?: number | undefined;
  /** Default: the system's timers. */
  readonly timing?: Timing | undefined;
  /** Largest tile, bytes; a larger one is `ObjectTooLarge`. Default: the source's own limit. */
  readonly maxTileBytes?: number | undefined;
}

export interface TileReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** The validator that the object had when it was read before under this version. */
  readonly ifMatch?: string | undefined;
  /**
   * Where to read from: `any` place; `direct`, disk or source only, for requests of another instance or a
   * CDN, which would otherwise be asked in turn; `source` only, after another place gave bytes that are not a
   * tile. Default: `any`.
   */
  readonly reach?: 'any' | 'direct' | 'source' | undefined;
}

/**
 * Where a tile came from: `origin` is the source itself, `memory` a tile that was read from it shortly
 * before.
 */
type TilePlace = 'memory' | 'disk' | 'owner' | 'cdn' | 'origin';

export interface TileRead {
  /**
   * Shared with others who asked for the same tile, and with the disk tier: not to be written to or
   * transferred.
   */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string | null;
  readonly from: TilePlace;
  /** From the origin: see `ObjectStat.unchangedMs`, when they came. */
  readonly unchangedMs?: number | undefined;
  /**
   * Bytes that this call fetched over the network: 0 from memory or disk, and 0 if it joined a read that was
   * under way.
   */
  readonly originBytes: number;
  /** Reports that the bytes are damaged or of another version: no other caller gets them. */
  keep(): void;
  /** Says that the bytes are damaged or of another version: nobody else gets them. */
  reject(): void;
  /**
   * Releases the bytes. When all holders have released them, their memory may be reused; without a release it
   * is not.
   */
  release(): void;
}

interface UpstreamCount {
  readonly reads: number;
  readonly bytes: number;
}

export interface TileBytesStats {
  /** Reads sent to the origin, and bytes that came. */
  readonly originReads: number;
  readonly originBytes: number;
  /** Tiles that came from elsewhere, and their bytes, by place; undefined if there is no other place. */
  readonly upstreams: Readonly<Partial<Record<TileUpstream['name'], UpstreamCount>>> | undefined;
  /** Reads that joined one under way. */
  readonly joined: number;
  readonly inFlight: number;
  /** Stored tiles in memory. */
  readonly recent: MemoryTierStats;
}

interface LoadedBytes extends Pick<TileRead, 'bytes' | 'etag' | 'from' | 'unchangedMs'> {
  /** How many versions had been dropped when it began. */
  readonly drops: number;
  isKept: boolean;
  /**
   * Number of holders of the bytes: callers that have not released them, and the memory tier. Shared by all
   * answers with the same bytes.
   */
  readonly holders: { count: number };
}

/** Stored bytes that wait for the next tile, bytes: two or three whole frames of a scanner. */
const MAX_FREE_BYTES = 16 * 1024 * 1024;

export class TileBytes {
  readonly #source: ByteSource;
  readonly #disk: DiskTier | undefined;
  readonly #maxTileBytes: number | undefined;
  readonly #upstreams: readonly TileUpstream[];
  readonly #timing: Timing;
  readonly #recent: MemoryTier<LoadedBytes>;
  /** null where bytes are kept for others: on disk, or for upstreams. */
  readonly #buffers: BufferPool | null;
  readonly #flights = new Singleflight<LoadedBytes | null>();
  #drops = 0;
  readonly #upstreamCounts: Partial<Record<TileUpstream['name'], UpstreamCount>> = {};
  #stats = { originReads: 0, originBytes: 0, joined: 0 };

  constructor(options: TileBytesOptions) {
    const { source, disk, upstreams = [], timing = SYSTEM_TIMING, maxTileBytes } = options;
    const { recentBytes = upstreams.length > 0 ? 64 * 2 ** 20 : 0 } = options;
    this.#recent = new MemoryTier({
      maxBytes: recentBytes,
      sizeOf: ({ bytes }) => bytes.buffer.byteLength,
      onRemoved: (load) => this.#release(load),
    });
    this.#buffers = disk === undefined && upstreams.length === 0 ? new BufferPool(MAX_FREE_BYTES) : null;
    this.#source = source;
    this.#disk = disk;
    this.#upstreams = upstreams;
    for (const { name } of upstreams) this.#upstreamCounts[name] = { reads: 0, bytes: 0 };
    this.#timing = timing;
    this.#maxTileBytes = maxTileBytes;
  }

  /**
   * The tile; null if the origin has no such object. Fails as the source does; a disk that fails is a miss.
   */
  async read(
    address: TileAddress,
    { signal, ifMatch, reach = 'any' }: TileReadOptions = {},
  ): Promise<TileRead | null> {
    const group = groupOf(address.cloud, address.version);
    const options = { ifMatch, reach: this.#upstreams.length === 0 && reach === 'any' ? 'direct' : reach };
    let isMine = false;
    const load = await this.#fly(address, group, options, signal, () => {
      isMine = true;
    });
    if (!isMine) this.#stats.joined += 1;
    if (load === null) return null;
    load.holders.count += 1;
    let isHeld = true;
    return {
      bytes: load.bytes,
      etag: load.etag,
      from: load.from,
      unchangedMs: load.unchangedMs,
      originBytes: isMine && load.from !== 'disk' && load.from !== 'memory' ? load.bytes.length : 0,
      keep: () => {
        // If this version was dropped meanwhile, its tiles must not be kept again.
        if (load.isKept || load.drops !== this.#drops) return;
        load.isKept = true;
        this.#disk?.put(group, address.node, load);
      },
      reject: () => {
        this.#recent.delete(recentName(group, address.node));
      },
      release: () => {
        if (isHeld) this.#release(load);
        isHeld = false;
      },
    };
  }

  /** Forgets all tiles of a version of a cloud: they were replaced. */
  drop(cloud: string, version: string): void {
    this.#drops += 1;
    const group = groupOf(cloud, version);
    this.#recent.deletePrefix(recentName(group, ''));
    this.#disk?.dropGroup(group);
  }

  /** Bytes of stored tiles in memory. */
  get recentBytes(): number {
    return this.#recent.bytes;
  }

  /** Keeps at most so many bytes of stored tiles in memory from now on. */
  resizeRecent(maxBytes: number): void {
    this.#recent.resize(maxBytes);
  }

  stats(): TileBytesStats {
    const upstreams = this.#upstreams.length > 0 ? { ...this.#upstreamCounts } : undefined;
    return { ...this.#stats, upstreams, inFlight: this.#flights.size, recent: this.#recent.stats() };
  }

  /** The last one who releases bytes gives their memory back. */
  #release({ bytes, holders }: LoadedBytes): void {
    holders.count -= 1;
    if (this.#buffers === null || holders.count > 0) return;
    // Callers that joined the same read may get the bytes in this turn of the event loop.
    setImmediate(() => {
      if (holders.count === 0) this.#buffers?.give(bytes.buffer);
    });
  }

  async #load(address: TileAddress, group: string, options: TileReadOptions): Promise<LoadedBytes | null> {
    const drops = this.#drops;
    const { ifMatch, reach, signal } = options;
    const isAsked = (etag: string | null) => ifMatch === undefined || etag === null || etag === ifMatch;
    const recent = recentName(group, address.node);
    if (reach !== 'source') {
      const last = this.#recent.get(recent);
      if (last !== undefined && isAsked(last.etag)) return last.isKept ? { ...last, from: 'memory' } : last;
      const kept = await this.#disk?.get(group, address.node, { signal });
      if (kept != null && isAsked(kept.etag))
        return { ...kept, from: 'disk', drops, isKept: true, holders: { count: 0 } };
    }
    if (reach !== 'any') {
      const load = await this.#readSource(address, ifMatch, signal);
      if (load !== null) {
        load.holders.count += 1;
        if (!this.#recent.set(recent, load)) this.#release(load);
      }
      return load;
    }
    return hedgedFallback<LoadedBytes>(
      [
        ...this.#upstreams.map((upstream) => ({
          hedgeAfterMs: upstream.hedgeAfterMs,
          read: (leg: AbortSignal) => this.#readFrom(upstream, address, leg),
        })),
        // Callers that must not be sent to an upstream may already wait for this flight.
        { hedgeAfterMs: 0, read: (leg) => this.#fly(address, group, { ifMatch, reach: 'direct' }, leg) },
      ],
      this.#timing,
      signal,
    );
  }

  #fly(
    address: TileAddress,
    group: string,
    options: Pick<TileReadOptions, 'ifMatch' | 'reach'>,
    signal: AbortSignal | undefined,
    onStart?: () => void,
  ): Promise<LoadedBytes | null> {
    // A caller with a validator must not get bytes that were read without it.
    const flight = `${group}\n${address.node}\n${options.reach}\n${options.ifMatch ?? ''}`;
    const load = (shared: AbortSignal) => {
      onStart?.();
      return this.#load(address, group, { ...options, signal: shared });
    };
    return this.#flights.run(flight, load, signal);
  }

  async #readFrom(
    upstream: TileUpstream,
    address: TileAddress,
    signal: AbortSignal,
  ): Promise<LoadedBytes | null> {
    const drops = this.#drops;
    const bytes = await upstream.read(address, { signal, maxBytes: this.#maxTileBytes });
    if (bytes === null) return null;
    const { reads, bytes: before } = this.#upstreamCounts[upstream.name] ?? { reads: 0, bytes: 0 };
    this.#upstreamCounts[upstream.name] = { reads: reads + 1, bytes: before + bytes.length };
    // The origin's validator is not known here.
    return { bytes, etag: null, from: upstream.name, drops, isKept: false, holders: { count: 0 } };
  }

  async #readSource(
    { cloud, version, path, range }: TileAddress,
    ifMatch: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<LoadedBytes | null> {
    const drops = this.#drops;
    this.#stats.originReads += 1;
    try {
      const stored = await this.#source.read(path, {
        signal,
        ...(range !== null && { range }),
        ...(ifMatch !== undefined && { ifMatch }),
        ...(this.#maxTileBytes !== undefined && { maxBytes: this.#maxTileBytes }),
        ...(this.#buffers !== null && { buffers: this.#buffers }),
      });
      if (stored === null) return null;
      this.#stats.originBytes += stored.bytes.length;
      const { bytes, etag, unchangedMs } = stored;
      return { bytes, etag, unchangedMs, from: 'origin', drops, isKept: false, holders: { count: 0 } };
    } catch (error) {
      if (isNearboxError(error, 'cloud_changed')) this.drop(cloud, version);
      throw error;
    }
  }
}

/** A group's names begin alike. */
function recentName(group: string, node: string): string {
  return `${group}\n${node}`;
}

/** A version is a token without a slash, so no two pairs share a group. */
function groupOf(cloud: string, version: string): string {
  return `${version}/${cloud}`;
}
