/** Decoded nodes: from memory, or read once for all concurrent callers. */

import { abortable, FairLimiter, Limiter, Singleflight } from '../../cache/foundation/index.ts';
import type { MemoryTier } from '../../cache/memory/index.ts';
import type { TileRead } from '../../cache/tiles/index.ts';
import type { PlannedNode } from '../plan/index.ts';
import { type DecodedNode, type Dimension, dimensionsName } from '../points/index.ts';
import type { CloudVersion } from '../versions/index.ts';
import {
  type StoredNodeRequest,
  StoredNodes,
  type StoredNodesOptions,
  type StoredOptions,
} from './stored-nodes.ts';
import { Unverified, type Verifiable } from './unverified.ts';

export interface TilesOptions extends StoredNodesOptions {
  readonly memory: MemoryTier<DecodedNode>;
  /** Nodes fetched or decoded at once, over all requests. */
  readonly maxInFlight: number;
}

/**
 * A decoded node. `verify` checks that it is of the version; nothing of the node may be returned to a client
 * before. The version is revalidated after the call, so a read calls it once, when it has all nodes.
 */
export interface Tile extends Verifiable {
  readonly node: DecodedNode;
  /** `origin`: over the network, from the origin itself or by way of a CDN or another instance. */
  readonly from: 'memory' | 'disk' | 'origin';
  /** Bytes that this call fetched: 0 from memory or disk, and 0 if it joined a running load. */
  readonly bytes: number;
  /** Time at which the stored bytes had arrived, on the clock of `performance.now()`; null from memory. */
  readonly fetchedAt: number | null;
}

type TileLoad = Omit<Tile, 'fetchedAt'> & { readonly fetchedAt: number };

const isKnown = () => Promise.resolve();

export interface TileOptions {
  readonly signal?: AbortSignal | undefined;
  /** Dimensions to decode besides position and intensity, if the cloud has them. Default: none. */
  readonly dimensions?: readonly Dimension[] | undefined;
}

export class Tiles {
  readonly #options: TilesOptions;
  readonly #nodes: StoredNodes;
  readonly #loads = new Singleflight<TileLoad>();
  readonly #unverified = new Unverified<Omit<TileLoad, 'verify'>>();
  readonly #limiter: FairLimiter;
  /** A separate limiter: through a CDN, a load can wait for a node that this instance serves. */
  readonly #serving: FairLimiter;

  constructor(options: TilesOptions) {
    this.#options = options;
    this.#nodes = new StoredNodes(options);
    this.#limiter = new FairLimiter(options.maxInFlight);
    this.#serving = new FairLimiter(options.maxInFlight);
  }

  get inFlight(): number {
    return this.#limiter.running;
  }

  /** Those of the nodes that are not in memory, without further dimensions. */
  missing(cloudVersion: CloudVersion, nodes: readonly PlannedNode[]): PlannedNode[] {
    const keys = tileKeys(cloudVersion, nodes);
    const missing = this.#options.memory.missing(keys);
    return nodes.filter((_node, i) => missing.has(keys[i]!));
  }

  /**
   * Tiles of all the nodes, in their order. At most `maxInFlight` of those that are not in memory are fetched
   * or decoded at once for this call, so that a region of many nodes leaves room for others.
   */
  getAll(
    cloudVersion: CloudVersion,
    nodes: readonly PlannedNode[],
    { maxInFlight, ...options }: TileOptions & { readonly maxInFlight: number },
  ): Promise<Tile[]> {
    // Only `get` counts misses: a node may be there when its turn has come.
    const kept = this.#options.memory.getKept(tileKeys(cloudVersion, nodes, options.dimensions));
    const turns = new Limiter(maxInFlight);
    return Promise.all(
      nodes.map((planned, i) => {
        const node = kept[i];
        if (node !== undefined) return fromMemory(node);
        return turns.run(() => this.get(cloudVersion, planned, options), options.signal);
      }),
    );
  }

  /**
   * Nodes with further dimensions are separate tiles, so that tiles without them, which nearly all reads
   * need, stay small.
   */
  async get(
    cloudVersion: CloudVersion,
    planned: PlannedNode,
    { signal, dimensions = [] }: TileOptions = {},
  ): Promise<Tile> {
    const name = tileKeys(cloudVersion, [planned], dimensions)[0]!;
    const node = this.#options.memory.get(name);
    if (node !== undefined) return fromMemory(node);
    const waiting = this.#unverified.get(name);
    if (waiting !== undefined) return { ...waiting, bytes: 0 };
    let isMine = false;
    const load = await this.#loads.run(
      name,
      (shared) => {
        isMine = true;
        const request = { cloudVersion, planned, dimensions };
        return this.#limiter.run(cloudVersion.id, () => this.#load(request, name, shared), shared);
      },
      signal,
    );
    return { ...load, bytes: isMine ? load.bytes : 0 };
  }

  /**
   * A node's stored bytes, checked: they decode and are of this version. Throws `corrupt_tile` or
   * `cloud_changed`.
   */
  stored(cloudVersion: CloudVersion, planned: PlannedNode, options: StoredOptions): Promise<TileRead> {
    return this.#serving.run(
      cloudVersion.id,
      async () => {
        const { read, check } = await this.#nodes.read({ cloudVersion, planned }, options);
        if (check === null) read.keep();
        else
          await abortable(
            check().then(read.keep, (error: unknown) => {
              read.reject();
              throw error;
            }),
            options.signal,
          );
        return read;
      },
      options.signal,
    );
  }

  async #load(request: StoredNodeRequest, name: string, signal: AbortSignal): Promise<TileLoad> {
    const { read, node, fetchedAt, check } = await this.#nodes.read(request, { signal });
    // Points are copies; the stored bytes are not read again.
    read.release();
    const from = read.from === 'disk' || read.from === 'memory' ? read.from : 'origin';
    const keep = () => {
      read.keep();
      this.#options.memory.set(name, node);
    };
    if (check === null) {
      keep();
      return { node, from, bytes: read.originBytes, fetchedAt, verify: isKnown };
    }
    const load = { node, from, bytes: read.originBytes, fetchedAt } as const;
    return this.#unverified.add(name, load, { check, keep, reject: read.reject });
  }
}

function fromMemory(node: DecodedNode): Tile {
  return { node, from: 'memory', bytes: 0, fetchedAt: null, verify: isKnown };
}

/** The keys of all tiles of a version in the memory tier begin with this. */
export function versionPrefix({ generation }: CloudVersion): string {
  return `${generation}:`;
}

/** The keys of nodes in the memory tier. */
function tileKeys(
  cloudVersion: CloudVersion,
  nodes: readonly PlannedNode[],
  dimensions: readonly Dimension[] = [],
): string[] {
  const prefix = versionPrefix(cloudVersion);
  const suffix = dimensions.length === 0 ? '' : `+${dimensionsName(dimensions)}`;
  return nodes.map(({ name }) => prefix + name + suffix);
}
