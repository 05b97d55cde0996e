/** How a tile's stored bytes come: from disk, else from the origin, once for all who ask for them at a time. */
import type { ByteRange, ByteSource } from './byte-source.ts';
import type { DiskTier } from './disk-tier.ts';
import { isNearboxError } from './errors.ts';
import { Singleflight } from './singleflight.ts';

export interface TileBytesOptions {
  readonly source: ByteSource;
  /** Default: none; every read goes to the source. */
  readonly disk?: DiskTier | undefined;
  /** Largest tile, bytes; a larger one is `ObjectTooLarge`. Default: the source's own limit. */
  readonly maxTileBytes?: number | undefined;
}

/** A node of a version of a cloud, and where the origin has it. */
export interface TileAddress {
  readonly cloud: string;
  readonly version: string;
  /** The node's key. */
  readonly node: string;
  readonly path: string;
  /** Its stretch of the object; null if it is the whole object. */
  readonly range: ByteRange | null;
}

export interface TileReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** The validator that the object had when it was read before under this version. */
  readonly ifMatch?: string | undefined;
  /** Not from disk: for bytes that turned out to be no tile. Default: false. */
  readonly isFresh?: boolean | undefined;
}

export interface TileRead {
  /** Over a buffer of their own, which may be transferred. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string | null;
  readonly from: 'disk' | 'origin';
  /** Bytes that this call fetched from the origin: 0 from disk, and 0 if it joined a read that was under way. */
  readonly originBytes: number;
  /**
   * Says that the bytes are known to be of this version (its metadata was looked at after they had come) and whole. Only then are they kept on
   * disk, where they are found under the version for ever. Has no effect on what came from disk.
   */
  keep(): void;
}

export interface TileBytesStats {
  /** Reads sent to the origin, and bytes that came. */
  readonly originReads: number;
  readonly originBytes: number;
  /** Reads that joined one under way. */
  readonly joined: number;
  readonly inFlight: number;
}

interface Load extends Pick<TileRead, 'etag' | 'from'> {
  readonly bytes: Uint8Array;
  /** How many versions had been dropped when it began. */
  readonly drops: number;
  isKept: boolean;
}

export class TileBytes {
  readonly #source: ByteSource;
  readonly #disk: DiskTier | undefined;
  readonly #maxTileBytes: number | undefined;
  readonly #flights = new Singleflight<Load | null>();
  #drops = 0;
  #stats = { originReads: 0, originBytes: 0, joined: 0 };

  constructor({ source, disk, maxTileBytes }: TileBytesOptions) {
    this.#source = source;
    this.#disk = disk;
    this.#maxTileBytes = maxTileBytes;
  }

  /** The tile, or null if the origin has no such object. Fails as the source does, and never because of the disk. */
  async read(
    address: TileAddress,
    { signal, ifMatch, isFresh = false }: TileReadOptions = {},
  ): Promise<TileRead | null> {
    const group = groupOf(address.cloud, address.version);
    // Who knows a validator must not be given what came without it.
    const flight = JSON.stringify([group, address.node, ifMatch ?? null, isFresh]);
    let isMine = false;
    const load = await this.#flights.run(
      flight,
      (shared) => {
        isMine = true;
        return this.#load(address, group, { ifMatch, isFresh, signal: shared });
      },
      signal,
    );
    if (!isMine) this.#stats.joined += 1;
    if (load === null) return null;
    return {
      // The load's own bytes stay whole for those who joined, and for the disk.
      bytes: new Uint8Array(load.bytes),
      etag: load.etag,
      from: load.from,
      originBytes: isMine && load.from === 'origin' ? load.bytes.length : 0,
      keep: () => {
        // Whatever was dropped meanwhile may have been this version: then it must not come back.
        if (load.isKept || load.drops !== this.#drops) return;
        load.isKept = true;
        this.#disk?.put(group, address.node, load);
      },
    };
  }

  /** Forgets a version of a cloud: to be called when it turns out that its tiles were replaced. */
  drop(cloud: string, version: string): void {
    this.#drops += 1;
    this.#disk?.dropGroup(groupOf(cloud, version));
  }

  stats(): TileBytesStats {
    return { ...this.#stats, inFlight: this.#flights.size };
  }

  async #load(
    { cloud, version, node, path, range }: TileAddress,
    group: string,
    { ifMatch, isFresh, signal }: TileReadOptions,
  ): Promise<Load | null> {
    const drops = this.#drops;
    const kept = isFresh ? null : await this.#disk?.get(group, node, { signal });
    if (kept != null && (ifMatch === undefined || kept.etag === ifMatch)) {
      return { ...kept, from: 'disk', drops, isKept: true };
    }
    this.#stats.originReads += 1;
    try {
      const stored = await this.#source.read(path, {
        signal,
        ...(range !== null && { range }),
        ...(ifMatch !== undefined && { ifMatch }),
        ...(this.#maxTileBytes !== undefined && { maxBytes: this.#maxTileBytes }),
      });
      if (stored === null) return null;
      this.#stats.originBytes += stored.bytes.length;
      return { bytes: stored.bytes, etag: stored.etag, from: 'origin', drops, isKept: false };
    } catch (error) {
      if (isNearboxError(error, 'cloud_changed')) this.drop(cloud, version);
      throw error;
    }
  }
}

/** A version is a token without a slash, so no two pairs share a group. */
function groupOf(cloud: string, version: string): string {
  return `${version}/${cloud}`;
}
