/** Points of clouds, by region: the door through which everything else reads. */
import { setMaxListeners } from 'node:events';
import { isNearboxError } from '../cache/errors.ts';
import { Limiter } from '../cache/limiter.ts';
import { MemoryTier, type MemoryTierStats } from '../cache/memory-tier.ts';
import { Singleflight } from '../cache/singleflight.ts';
import { type CloudInfo, cloudInfo } from './cloud-info.ts';
import type { DecodeJob } from './decode-job.ts';
import { type DecodedNode, decodedBytes } from './decoded-node.ts';
import { type Epoch, Epochs } from './epochs.ts';
import { formatsOf } from './formats.ts';
import type { HierarchyPage } from './hierarchy-page.ts';
import { Key } from './key.ts';
import { MetadataTier } from './metadata-tier.ts';
import { type PageLink, planNodes } from './plan.ts';
import { PointsView, type ReadCost } from './points-view.ts';
import { type CloudReaderOptions, readerOptions } from './reader-options.ts';
import { pointSet, type Region } from './region.ts';
import { epochPrefix, type Tile, Tiles } from './tiles.ts';
import { WorkerPool, type WorkerPoolStats } from './worker-pool.ts';

export interface CloudOptions {
  readonly signal?: AbortSignal | undefined;
}

/** A stage of a read that has ended, and how long it took, milliseconds. */
export interface ReadStage {
  readonly stage: 'resolve' | 'fetch' | 'decode';
  readonly ms: number;
}

export interface ReadOptions extends CloudOptions {
  /** Point distance that is enough, metres: deeper nodes are left out. Default: all of them are read. */
  readonly spacing?: number | undefined;
  /** Told how long each stage took, in their order. */
  readonly onStage?: ((stage: ReadStage) => void) | undefined;
}

export interface CloudReaderStats {
  readonly tiles: MemoryTierStats;
  readonly metadata: MemoryTierStats;
  readonly decoders: WorkerPoolStats;
  /** Nodes being fetched or decoded. */
  readonly inFlight: number;
}

/** An epoch, and the bytes that were fetched to open it. */
type OpenedEpoch = Awaited<ReturnType<Epochs['current']>>;

/** Answers that the same question may give again once the cloud's version has been looked up anew. */
const ATTEMPTS = 2;

export class CloudReader {
  readonly #options: Required<CloudReaderOptions>;
  readonly #metadata: MetadataTier;
  readonly #memory: MemoryTier<DecodedNode>;
  readonly #decoders: WorkerPool<DecodeJob, DecodedNode>;
  readonly #epochs: Epochs;
  readonly #tiles: Tiles;
  readonly #pages = new Singleflight<HierarchyPage>();

  constructor(options: CloudReaderOptions) {
    const all = readerOptions(options);
    const { source, maxInFlight, maxNodeBytes, maxMetadataBytes } = all;
    this.#options = all;
    this.#metadata = new MetadataTier(all.metadataBytes);
    this.#memory = new MemoryTier({ maxBytes: all.tileMemoryBytes, sizeOf: decodedBytes });
    this.#decoders = new WorkerPool({
      name: 'decode',
      entry: new URL('./decode-worker.ts', import.meta.url),
      workers: all.decodeWorkers,
      // What is in flight is bounded already; a decode that gives up early makes room there before it does here.
      maxQueue: 2 * maxInFlight,
    });
    this.#epochs = new Epochs({
      source,
      formatsOf,
      store: this.#metadata.store((epoch) => this.#memory.deletePrefix(epochPrefix(epoch))),
      limits: { maxMetadataBytes },
      ttlMs: all.versionTtlMs,
      clock: all.clock,
    });
    this.#tiles = new Tiles({
      source,
      epochs: this.#epochs,
      memory: this.#memory,
      validators: this.#metadata.validators,
      decoders: this.#decoders,
      maxInFlight,
      maxNodeBytes,
    });
  }

  /** Starts the decoders ahead of the first read; resolves when they are there. */
  ready(): Promise<void> {
    return this.#decoders.ready();
  }

  /** What there is to say of a cloud. Throws `invalid_request`, `cloud_not_found`, `corrupt_tile`, `source_unavailable`. */
  cloud(id: string, { signal }: CloudOptions = {}): Promise<CloudInfo> {
    return this.#withEpoch(id, signal, async ({ epoch }) => cloudInfo(epoch));
  }

  /**
   * The points in any of `regions`, in memory. All of them are of one version of the cloud: if it is replaced meanwhile, the read
   * is repeated once, then `cloud_changed`. Throws `region_too_large` before anything is fetched that the limits forbid.
   */
  read(id: string, regions: readonly Region[], options: ReadOptions = {}): Promise<PointsView> {
    const began = performance.now();
    const { signal } = options;
    return this.#withEpoch(id, signal, (opened) => this.#read(opened, regions, options, began));
  }

  stats(): CloudReaderStats {
    return {
      tiles: this.#memory.stats(),
      metadata: this.#metadata.stats(),
      decoders: this.#decoders.stats(),
      inFlight: this.#tiles.inFlight,
    };
  }

  /** Waits for running decodes, then ends the threads. Reads fail as `overloaded` from now on, unless they need no decode. */
  close(): Promise<void> {
    return this.#decoders.close();
  }

  async #read(
    { epoch, bytes: openBytes }: OpenedEpoch,
    regions: readonly Region[],
    { signal: outer, spacing, onStage }: ReadOptions,
    began: number,
  ): Promise<PointsView> {
    const { clickRadius, maxInFlightPerRead } = this.#options;
    return linked(outer, async (signal) => {
      let metadataBytes = openBytes;
      const loadPage = async (link: PageLink) => {
        const { page, bytes } = await this.#page(epoch, link, signal);
        metadataBytes += bytes;
        return page;
      };
      const sets = regions.map((region) => pointSet(region, { clickRadius }));
      const plan = await planNodes({
        cloud: epoch.cloud,
        regions: sets,
        spacing,
        limits: this.#options,
        loadPage,
      });
      const planned = performance.now();
      const resolveMs = planned - began;
      onStage?.({ stage: 'resolve', ms: resolveMs });

      // A region of many nodes takes its turns with the others', instead of all of them at once.
      const turns = new Limiter(maxInFlightPerRead);
      const tiles = await Promise.all(
        plan.nodes.map((node) => turns.run(() => this.#tiles.get(epoch, node, signal), signal)),
      );
      const fetched = tiles.reduce((last, { fetchedAt }) => Math.max(last, fetchedAt ?? last), planned);
      const fetchMs = fetched - planned;
      const decodeMs = performance.now() - fetched;
      onStage?.({ stage: 'fetch', ms: fetchMs });
      onStage?.({ stage: 'decode', ms: decodeMs });
      const nodes = tiles.map(({ node }) => node);
      const timings = { resolveMs, fetchMs, decodeMs };
      return new PointsView(cloudInfo(epoch), nodes, clickRadius, costOf(tiles, metadataBytes), timings);
    });
  }

  async #page(
    epoch: Epoch,
    { root, range }: PageLink,
    signal: AbortSignal,
  ): Promise<{ readonly page: HierarchyPage; readonly bytes: number }> {
    const key = Key.format(root);
    const known = this.#metadata.page(epoch, key);
    if (known !== undefined) return { page: known, bytes: 0 };
    let isMine = false;
    const load = async (shared: AbortSignal) => {
      isMine = true;
      const [loaded] = await Promise.allSettled([epoch.cloud.loadPage(root, shared, range)]);
      // As with tiles: what came in before the look belongs to the epoch if it still holds then.
      await this.#epochs.verify(epoch);
      if (loaded.status === 'rejected') throw loaded.reason;
      this.#metadata.keepPage(epoch, key, loaded.value);
      return loaded.value;
    };
    const page = await this.#pages.run(`${epochPrefix(epoch)}${key}`, load, signal);
    return { page, bytes: isMine ? page.storedBytes : 0 };
  }

  /**
   * Works on the present version of the cloud; if that turns out to be gone, or bytes of it do not fit (they may be those of the
   * next version), once more on what is there then.
   */
  async #withEpoch<Value>(
    id: string,
    signal: AbortSignal | undefined,
    work: (opened: OpenedEpoch) => Promise<Value>,
  ): Promise<Value> {
    for (let attempt = 1; ; attempt++) {
      let opened: OpenedEpoch | null = null;
      try {
        opened = await this.#epochs.current(id, signal);
        return await work(opened);
      } catch (error) {
        const mayPass = isNearboxError(error, 'cloud_changed') || isNearboxError(error, 'corrupt_tile');
        if (!mayPass || attempt >= ATTEMPTS) throw error;
        if (opened !== null && error.code === 'cloud_changed') this.#epochs.drop(opened.epoch);
      }
    }
  }
}

/**
 * Runs work under a signal of its own, which aborts with the caller's and when the work fails: what is still under way for it has
 * then lost its last reason. Also, however many parts listen, the caller's signal has one listener.
 */
async function linked<Value>(
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  outer?.throwIfAborted();
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const leave = () => controller.abort(outer?.reason);
  outer?.addEventListener('abort', leave, { once: true });
  try {
    return await work(controller.signal);
  } catch (error) {
    controller.abort(error);
    throw error;
  } finally {
    outer?.removeEventListener('abort', leave);
  }
}

function costOf(tiles: readonly Tile[], metadataBytes: number): ReadCost {
  const origin = tiles.filter(({ from }) => from === 'origin').length;
  const bytes = tiles.reduce((total, tile) => total + tile.bytes, metadataBytes);
  return { nodes: tiles.length, bytes, memory: tiles.length - origin, disk: 0, origin };
}
