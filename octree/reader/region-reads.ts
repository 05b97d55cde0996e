/** Reads regions of clouds: plans which nodes they need, and takes those. */
import { abortable, linked } from '../../cache/foundation/index.ts';
import {
  type PageLink,
  type Plan,
  type PlannedNode,
  planNodes,
  type ReadPlan,
  readPlan,
} from '../plan/index.ts';
import { pointSet, type Region } from '../regions/index.ts';
import {
  type CloudVersion,
  cloudInfo,
  type KnownVersion,
  type VersionStore,
  withVersion,
} from '../versions/index.ts';
import type { LoadedPage, Pages } from './pages.ts';
import { PointsView, type ReadCost } from './points/index.ts';
import type { ReadAhead } from './read-ahead.ts';
import type { PlanReadOptions, ReadOptions } from './read-options.ts';
import type { AllReaderOptions } from './reader-options.ts';
import type { NodeLease, RetiredNodes } from './retired-nodes.ts';
import type { Tile, Tiles } from './tiles.ts';

export interface RegionReadsOptions {
  readonly versions: VersionStore;
  readonly pages: Pages;
  readonly tiles: Tiles;
  readonly retired: RetiredNodes;
  readonly readAhead: ReadAhead;
  readonly limits: AllReaderOptions;
}

export class RegionReads {
  readonly #parts: RegionReadsOptions;

  constructor(parts: RegionReadsOptions) {
    this.#parts = parts;
  }

  /** See `CloudReader.read`. */
  read(id: string, regions: readonly Region[], options: ReadOptions): Promise<PointsView> {
    const began = performance.now();
    const { signal } = options;
    return withVersion(
      this.#parts.versions,
      id,
      signal,
      async (opened) => {
        const lease = this.#parts.retired.lease();
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

  /** See `CloudReader.plan`. */
  plan(id: string, regions: readonly Region[], options: PlanReadOptions): Promise<ReadPlan> {
    const { signal } = options;
    return withVersion(this.#parts.versions, id, signal, ({ cloudVersion, bytes }) =>
      linked(signal, async (within) => {
        const { plan, pages, pageBytes } = await this.#plan(cloudVersion, regions, {
          ...options,
          signal: within,
        });
        await Promise.all([
          ...pages.map(({ verify }) => verify()),
          this.#parts.versions.confirm(cloudVersion),
        ]);
        return readPlan(cloudVersion, plan, bytes + pageBytes);
      }),
    );
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
    const { clickRadius, maxInFlightPerRead, admitRead } = this.#parts.limits;
    return linked(outer, async (signal) => {
      const { plan, pages, pageBytes } = await this.#plan(cloudVersion, regions, {
        spacing,
        pointBudget,
        signal,
      });
      const planned = performance.now();
      const resolveMs = planned - began;
      onStage?.({ stage: 'resolve', ms: resolveMs });

      const missing = this.#parts.tiles.missing(cloudVersion, plan.nodes);
      await admitRead?.(workBytes(plan.nodes, missing), outer, cloudVersion.id);
      const tiles = await this.#parts.tiles.getAll(cloudVersion, plan.nodes, {
        signal,
        dimensions,
        maxInFlight: Math.min(maxInFlight ?? maxInFlightPerRead, maxInFlightPerRead),
      });
      // What memory keeps is verified. One revalidation serves all others: they call in one turn, after the
      // last node has arrived.
      const unverified = [...pages, ...tiles.filter(({ from }) => from !== 'memory')];
      const verified = Promise.all([present, ...unverified.map(({ verify }) => verify())]).then(() => {});
      verified.catch(() => {});
      if (!verifiesLater) await abortable(verified, signal);
      const fetched = tiles.reduce((last, { fetchedAt }) => Math.max(last, fetchedAt ?? last), planned);
      const fetchMs = fetched - planned;
      const decodeMs = performance.now() - fetched;
      onStage?.({ stage: 'fetch', ms: fetchMs });
      onStage?.({ stage: 'decode', ms: decodeMs });
      // A region that was cut off for a budget tells nothing about what is looked at next.
      if (!plan.isTruncated && tiles.some(({ from }) => from !== 'memory'))
        this.#parts.readAhead.after(cloudVersion, plan.nodes);
      const nodes = tiles.map(({ node }) => node);
      if (!isReleased) {
        for (const node of nodes) this.#parts.retired.escape(node);
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
      const loaded = await this.#parts.pages.load(cloudVersion, link, signal);
      pageBytes += loaded.bytes;
      pages.push(loaded);
      return loaded.page;
    };
    const { limits } = this.#parts;
    const sets = regions.map((region) => pointSet(region, limits));
    const { cloud } = cloudVersion;
    const plan = await planNodes({
      cloud,
      regions: sets,
      spacing,
      pointBudget,
      limits,
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
