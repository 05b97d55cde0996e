/** Points of clouds, by region: the door through which everything else reads. */
import type { DiskTierStats } from '../../cache/disk/index.ts';
import { abortable, Limiter, linked } from '../../cache/foundation/index.ts';
import { MemoryTier, type MemoryTierStats } from '../../cache/memory/index.ts';
import { asPipeline, type OriginPipeline, type OriginStats } from '../../cache/origin/index.ts';
import { TileBytes, type TileBytesStats, type TileRead } from '../../cache/tiles/index.ts';
import type { WorkerPoolStats } from '../../cache/workers/index.ts';
import { type NodeDecoders, PooledDecoders } from '../decode/index.ts';
import { CloudFiles, type CloudPage, type ListCloudsOptions, listClouds } from '../files/index.ts';
import { formatsOf } from '../formats/index.ts';
import type { Key } from '../geometry/index.ts';
import type { NodeListing } from '../plan/index.ts';
import {
  type PageLink,
  type Plan,
  type PlannedNode,
  planNodes,
  type ReadPlan,
  readPlan,
} from '../plan/index.ts';
import type { Dimension } from '../points/index.ts';
import { type DecodedNode, decodedBytes } from '../points/index.ts';
import { pointSet, type Region } from '../regions/index.ts';
import {
  type CloudInfo,
  type CloudVersion,
  cloudInfo,
  type KnownVersion,
  VersionStore,
  withVersion,
} from '../versions/index.ts';
import { CloudNodes } from './cloud-nodes.ts';
import { MetadataTier } from './metadata-tier.ts';
import { type LoadedPage, Pages } from './pages.ts';
import { PointsView, type ReadCost } from './points/index.ts';
import { ReadAhead, type ReadAheadStats } from './read-ahead.ts';
import { type AllReaderOptions, type CloudReaderOptions, readerOptions } from './reader-options.ts';
import { type NodeLease, RetiredNodes } from './retired-nodes.ts';
import { type StoredOptions, type Tile, Tiles, versionPrefix } from './tiles.ts';

export interface CloudOptions {
  readonly signal?: AbortSignal | undefined;
}

/** A stage of a read that has ended, with its duration in milliseconds. */
export interface ReadStage {
  readonly stage: 'resolve' | 'fetch' | 'decode';
  readonly ms: number;
}

/** How much of a region is wanted. */
export interface PlanReadOptions extends CloudOptions {
  /** Point distance that is enough, metres: deeper nodes are left out. Default: all of them are read. */
  readonly spacing?: number | undefined;
  /**
   * Points that are enough, counted as those of whole nodes. A region that has more is then read in part
   * (`PointsView.isTruncated`): near-first if it is a frustum, else coarse-first. Default: frustums are read
   * up to the reader's limits, of all other regions every point.
   */
  readonly pointBudget?: number | undefined;
}

export interface ReadOptions extends PlanReadOptions {
  /**
   * Nodes that are fetched or decoded at once for this read. Default, and at most: the reader's
   * `maxInFlightPerRead`.
   */
  readonly maxInFlight?: number | undefined;
  /** What is to be read besides position and intensity, for `PointsView.values`. Default: nothing. */
  readonly dimensions?: readonly Dimension[] | undefined;
  /**
   * Whether the points are returned before it is known that all of them are of one version, which may take
   * one more round trip. The caller may work on them, must wait for `PointsView.verified` before it gives
   * anything out, and repeats the read if that rejects as `cloud_changed`. Default: false.
   */
  readonly verifiesLater?: boolean | undefined;
  /**
   * Whether `PointsView.release` will be called, after which the memory of its points may be used again. Default:
   * false; the points stay for as long as the view does.
   */
  readonly isReleased?: boolean | undefined;
  /** Called after each stage, in order. */
  readonly onStage?: ((stage: ReadStage) => void) | undefined;
}

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
  readonly #pages: Pages;
  readonly #nodes: CloudNodes;

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
    this.#pages = new Pages(this.#versions, this.#metadata);
    this.#nodes = new CloudNodes(this.#versions, this.#pages, this.#tiles);
    this.files = new CloudFiles(source, this.#versions);
  }

  /** Starts the decoders before the first read; resolves when they are ready. */
  ready(): Promise<void> {
    return this.#decoders.ready();
  }

  /**
   * A cloud's metadata. Throws `invalid_request`, `cloud_not_found`, `corrupt_tile`, `source_unavailable`.
   */
  cloud(id: string, { signal }: CloudOptions = {}): Promise<CloudInfo> {
    return withVersion(this.#versions, id, signal, async ({ cloudVersion }) => cloudInfo(cloudVersion));
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
  async node(id: string, version: string, key: Key, { signal }: CloudOptions = {}): Promise<DecodedNode> {
    const lease = this.#retired.lease();
    try {
      const node = await this.#nodes.decoded({ id, version, key }, signal);
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
    const began = performance.now();
    const { signal } = options;
    return withVersion(
      this.#versions,
      id,
      signal,
      async (opened) => {
        const lease = this.#retired.lease();
        try {
          return await this.#read(opened, regions, options, began, lease);
        } catch (error) {
          lease.end();
          throw error;
        }
      },
      { revalidatesLater: options.verifiesLater === true },
    );
  }

  /**
   * What `read` would fetch for the same regions and options, from the metadata and the hierarchy alone: no
   * node is. Throws as `read` does, but for what nodes may be found to be.
   */
  plan(id: string, regions: readonly Region[], options: PlanReadOptions = {}): Promise<ReadPlan> {
    const { signal } = options;
    return withVersion(this.#versions, id, signal, ({ cloudVersion, bytes }) =>
      linked(signal, async (within) => {
        const { plan, pages, pageBytes } = await this.#plan(cloudVersion, regions, {
          ...options,
          signal: within,
        });
        await Promise.all([...pages.map(({ verify }) => verify()), this.#versions.confirm(cloudVersion)]);
        return readPlan(cloudVersion, plan, bytes + pageBytes);
      }),
    );
  }

  /**
   * Keeps at most so many bytes of nodes from now on, stored and decoded ones together. Stored ones have up to
   * `storedMemoryBytes` of that, decoded ones what these leave.
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

  async #read(
    { cloudVersion, bytes: openBytes, present }: KnownVersion,
    regions: readonly Region[],
    {
      signal: outer,
      spacing,
      pointBudget,
      dimensions,
      maxInFlight,
      verifiesLater = false,
      isReleased = false,
      onStage,
    }: ReadOptions,
    began: number,
    lease: NodeLease,
  ): Promise<PointsView> {
    const { clickRadius, maxInFlightPerRead } = this.#options;
    return linked(outer, async (signal) => {
      const { plan, pages, pageBytes } = await this.#plan(cloudVersion, regions, {
        spacing,
        pointBudget,
        signal,
      });
      const planned = performance.now();
      const resolveMs = planned - began;
      onStage?.({ stage: 'resolve', ms: resolveMs });

      const unread = plan.nodes.filter((node) => !this.#tiles.has(cloudVersion, node));
      await this.#options.admitRead?.(workBytes(plan.nodes, unread), outer);
      // A region of many nodes does not take all places at once.
      const turns = new Limiter(Math.min(maxInFlight ?? maxInFlightPerRead, maxInFlightPerRead));
      const tiles = await Promise.all(
        plan.nodes.map(async (node) => {
          const tile = await turns.run(
            () => this.#tiles.get(cloudVersion, node, { signal, dimensions }),
            signal,
          );
          return tile;
        }),
      );
      // One revalidation for all of them: they ask in one turn, after the last node has arrived.
      const verified = Promise.all([present, ...[...pages, ...tiles].map(({ verify }) => verify())]).then(
        () => {},
      );
      verified.catch(() => {});
      if (!verifiesLater) await abortable(verified, signal);
      const fetched = tiles.reduce((last, { fetchedAt }) => Math.max(last, fetchedAt ?? last), planned);
      const fetchMs = fetched - planned;
      const decodeMs = performance.now() - fetched;
      onStage?.({ stage: 'fetch', ms: fetchMs });
      onStage?.({ stage: 'decode', ms: decodeMs });
      // A region that was cut off for a budget tells nothing about what is looked at next.
      if (!plan.isTruncated && tiles.some(({ from }) => from !== 'memory'))
        this.#readAhead.after(cloudVersion, plan.nodes);
      const nodes = tiles.map(({ node }) => node);
      if (!isReleased) {
        for (const node of nodes) this.#retired.escape(node);
        lease.end();
      }
      return new PointsView({
        cloud: cloudInfo(cloudVersion),
        nodes,
        isTruncated: plan.isTruncated,
        clickRadius,
        verified,
        cost: costOf(tiles, openBytes + pageBytes),
        timings: { resolveMs, fetchMs, decodeMs },
        onRelease: () => lease.end(),
      });
    });
  }

  /** `pages` are those that were loaded: to be verified before anything is given out. */
  async #plan(
    cloudVersion: CloudVersion,
    regions: readonly Region[],
    { signal, spacing, pointBudget }: PlanReadOptions,
  ): Promise<{ readonly plan: Plan; readonly pages: readonly LoadedPage[]; readonly pageBytes: number }> {
    const pages: LoadedPage[] = [];
    let pageBytes = 0;
    const loadPage = async (link: PageLink) => {
      const loaded = await this.#pages.load(cloudVersion, link, signal);
      pageBytes += loaded.bytes;
      pages.push(loaded);
      return loaded.page;
    };
    const { clickRadius } = this.#options;
    const sets = regions.map((region) => pointSet(region, { clickRadius }));
    const { cloud } = cloudVersion;
    const plan = await planNodes({
      cloud,
      regions: sets,
      spacing,
      pointBudget,
      limits: this.#options,
      signal,
      loadPage,
    });
    return { plan, pages, pageBytes };
  }
}

function costOf(tiles: readonly Tile[], metadataBytes: number): ReadCost {
  const cost = { nodes: tiles.length, bytes: metadataBytes, memory: 0, disk: 0, origin: 0 };
  for (const { from, bytes } of tiles) {
    cost.bytes += bytes;
    cost[from] += 1;
  }
  return cost;
}

/**
 * Bytes of a point while it is worked on: decoded (12 to 16), as it is stored, and its share of a selection
 * and a crop.
 */
const WORK_BYTES_PER_POINT = 24;
/** Bytes of a node besides its points. */
const WORK_BYTES_PER_NODE = 2048;

/** Of nodes in memory only the share of a point in a selection and a crop is new, bytes. */
const CROP_BYTES_PER_POINT = 4;

/** About the bytes that reading the nodes of a plan and cutting out of them takes. */
function workBytes(nodes: readonly PlannedNode[], unread: readonly PlannedNode[]): number {
  const pointsOf = (some: readonly PlannedNode[]) => some.reduce((sum, node) => sum + node.points, 0);
  const [all, fresh] = [pointsOf(nodes), pointsOf(unread)];
  return (
    WORK_BYTES_PER_POINT * fresh + CROP_BYTES_PER_POINT * (all - fresh) + WORK_BYTES_PER_NODE * nodes.length
  );
}
