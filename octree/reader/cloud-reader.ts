/** The reader of clouds: put together from its parts, and what other rooms call. */
import type { DiskTierStats } from '../../cache/disk/index.ts';
import { MemoryTier, type MemoryTierStats } from '../../cache/memory/index.ts';
import { asPipeline, type OriginPipeline, type OriginStats } from '../../cache/origin/index.ts';
import { TileBytes, type TileBytesStats, type TileRead } from '../../cache/tiles/index.ts';
import type { WorkerPoolStats } from '../../cache/workers/index.ts';
import { type NodeDecoders, PooledDecoders } from '../decode/index.ts';
import { CloudFiles, type CloudPage, type ListCloudsOptions, listClouds } from '../files/index.ts';
import { formatsOf } from '../formats/index.ts';
import type { Key } from '../geometry/index.ts';
import type { NodeListing, ReadPlan } from '../plan/index.ts';
import { type DecodedNode, decodedBytes } from '../points/index.ts';
import type { Region } from '../regions/index.ts';
import { type CloudInfo, cloudInfo, VersionStore, withVersion } from '../versions/index.ts';
import { CloudNodes } from './cloud-nodes.ts';
import { MetadataTier } from './metadata-tier.ts';
import { Pages } from './pages.ts';
import type { PointsView } from './points/index.ts';
import { ReadAhead, type ReadAheadStats } from './read-ahead.ts';
import type {
  CloudOptions,
  DescribeOptions,
  NodeOptions,
  PlanReadOptions,
  ReadOptions,
} from './read-options.ts';
import { type AllReaderOptions, type CloudReaderOptions, readerOptions } from './reader-options.ts';
import { RegionReads } from './region-reads.ts';
import { RetiredNodes } from './retired-nodes.ts';
import type { StoredOptions } from './stored-nodes.ts';
import { Tiles, versionPrefix } from './tiles.ts';

export interface CloudReaderStats {
  readonly tiles: MemoryTierStats;
  /** null: there is no disk tier. */
  readonly disk: DiskTierStats | null;
  /** The steps between a read and the storage. */
  readonly origin: OriginStats;
  readonly readAhead: ReadAheadStats;
  /** Reads of stored nodes that memory did not have. */
  readonly bytes: TileBytesStats;
  readonly metadata: MemoryTierStats;
  readonly decoders: WorkerPoolStats;
  /** Nodes being fetched or decoded. */
  readonly inFlight: number;
}

export class CloudReader {
  /** The stored files of clouds. */
  readonly files: CloudFiles;
  readonly #options: AllReaderOptions;
  readonly #origin: OriginPipeline;
  readonly #metadata: MetadataTier;
  readonly #memory: MemoryTier<DecodedNode>;
  readonly #decoders: NodeDecoders;
  readonly #retired: RetiredNodes;
  readonly #versions: VersionStore;
  readonly #bytes: TileBytes;
  readonly #tiles: Tiles;
  readonly #readAhead: ReadAhead;
  readonly #nodes: CloudNodes;
  readonly #regions: RegionReads;

  constructor(options: CloudReaderOptions) {
    const all = readerOptions(options);
    const source = asPipeline(all.source);
    this.#origin = source;
    const { maxInFlight, maxNodeBytes, maxMetadataBytes } = all;
    this.#options = all;
    this.#metadata = new MetadataTier(all.metadataBytes);
    // What is in flight is bounded already; a decode that gives up early makes room there before it does
    // here.
    this.#decoders =
      all.decoders ?? new PooledDecoders({ workers: all.decodeWorkers, maxQueue: 2 * maxInFlight });
    this.#retired = new RetiredNodes((node) => this.#decoders.reuse?.(node));
    this.#memory = new MemoryTier({
      maxBytes: all.tileMemoryBytes,
      sizeOf: decodedBytes,
      onRemoved: (node) => this.#retired.retire(node),
    });
    const { upstreams, disk } = all;
    this.#bytes = new TileBytes({
      source,
      upstreams,
      disk: disk ?? undefined,
      maxTileBytes: maxNodeBytes,
      recentBytes: all.storedMemoryBytes,
    });
    this.#versions = new VersionStore({
      source,
      formatsOf,
      store: this.#metadata.store((cloudVersion) => {
        this.#memory.deletePrefix(versionPrefix(cloudVersion));
        this.#bytes.drop(cloudVersion.id, cloudVersion.version);
      }),
      limits: { maxMetadataBytes },
      ttlMs: all.versionTtlMs,
      staleMs: all.versionStaleMs,
      revalidateTimeoutMs: all.revalidateTimeoutMs,
      clock: all.clock,
    });
    this.#tiles = new Tiles({
      bytes: this.#bytes,
      versions: this.#versions,
      memory: this.#memory,
      validators: this.#metadata.validators,
      decoders: this.#decoders,
      maxInFlight,
    });
    this.#readAhead = new ReadAhead({
      tiles: this.#tiles,
      maxPoints: all.readAheadPoints,
      tileMemoryBytes: all.tileMemoryBytes + (all.storedMemoryBytes ?? 0),
    });
    const pages = new Pages(this.#versions, this.#metadata);
    this.#nodes = new CloudNodes(this.#versions, pages, this.#tiles);
    this.#regions = new RegionReads({
      versions: this.#versions,
      pages,
      tiles: this.#tiles,
      retired: this.#retired,
      readAhead: this.#readAhead,
      limits: all,
    });
    this.files = new CloudFiles(source, this.#versions);
  }

  /** Starts the decoders before the first read; resolves when they are ready. */
  ready(): Promise<void> {
    return this.#decoders.ready();
  }

  /**
   * A cloud's metadata. Throws `invalid_request`, `cloud_not_found`, `corrupt_tile`, `source_unavailable`.
   */
  cloud(id: string, { signal, looksForColour = false }: DescribeOptions = {}): Promise<CloudInfo> {
    return withVersion(this.#versions, id, signal, async ({ cloudVersion }) => {
      const info = cloudInfo(cloudVersion);
      const { readHasColour } = cloudVersion.cloud;
      if (!looksForColour || readHasColour === undefined) return info;
      return { ...info, hasColour: await readHasColour(signal) };
    });
  }

  /** The clouds below the root, in the order of their ids. Throws `forbidden` if the storage cannot list. */
  clouds(options: ListCloudsOptions): Promise<CloudPage> {
    return listClouds(this.#options.source, options);
  }

  /**
   * A node of a version and those below it, breadth first, at most `limit` of them. Throws `version_gone` for
   * another version than the present one and `not_found` for a node that is not there; so do `node` and
   * `storedNode`.
   */
  nodesBelow(
    id: string,
    version: string,
    key: Key,
    limit: number,
    { signal }: CloudOptions = {},
  ): Promise<NodeListing> {
    return this.#nodes.below({ id, version, key }, limit, signal);
  }

  /** A node's points, decoded. They are those that the memory tier keeps: not to be written to. */
  async node(id: string, version: string, key: Key, options: NodeOptions = {}): Promise<DecodedNode> {
    const lease = this.#retired.lease();
    try {
      const node = await this.#nodes.decoded({ id, version, key }, options);
      this.#retired.escape(node);
      return node;
    } finally {
      lease.end();
    }
  }

  /** A node's stored bytes, whole, in every format; such that they decode. */
  storedNode(id: string, version: string, key: Key, options: StoredOptions = {}): Promise<TileRead> {
    return this.#nodes.stored({ id, version, key }, options);
  }

  /**
   * The points in any of `regions`, in memory. All of them are of one version of the cloud: if it is replaced
   * meanwhile, the read is repeated once, then `cloud_changed`. Throws `region_too_large` before anything is
   * fetched that the limits forbid.
   */
  read(id: string, regions: readonly Region[], options: ReadOptions = {}): Promise<PointsView> {
    return this.#regions.read(id, regions, options);
  }

  /**
   * What `read` would fetch for the same regions and options, from the metadata and the hierarchy alone: no
   * node is. Throws as `read` does, but for what nodes may be found to be.
   */
  plan(id: string, regions: readonly Region[], options: PlanReadOptions = {}): Promise<ReadPlan> {
    return this.#regions.plan(id, regions, options);
  }

  /**
   * Keeps at most so many bytes of nodes from now on, stored and decoded ones together. Stored ones have up
   * to `storedMemoryBytes` of that, decoded ones what these leave.
   */
  resizeTiles(maxBytes: number): void {
    const { storedMemoryBytes = 0 } = this.#options;
    this.#bytes.resizeRecent(Math.min(storedMemoryBytes, maxBytes));
    this.#memory.resize(Math.max(0, maxBytes - this.#bytes.recentBytes));
  }

  stats(): CloudReaderStats {
    return {
      tiles: this.#memory.stats(),
      disk: this.#options.disk?.stats() ?? null,
      origin: this.#origin.stats(),
      readAhead: { ...this.#readAhead.stats },
      bytes: this.#bytes.stats(),
      metadata: this.#metadata.stats(),
      decoders: this.#decoders.stats(),
      inFlight: this.#tiles.inFlight,
    };
  }

  /**
   * Waits for running decodes, then ends the threads. Reads fail as `overloaded` from now on, unless they
   * need no decode.
   */
  close(): Promise<void> {
    this.#readAhead.close();
    return this.#decoders.close();
  }
}
