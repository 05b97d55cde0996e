/** Single nodes of a version of a cloud: listed, decoded, or as stored. */
import { abortable, NearboxError } from '../../cache/foundation/index.ts';
import type { TileRead } from '../../cache/tiles/index.ts';
import { Key } from '../geometry/index.ts';
import { type FoundNode, findNode, listBelow, type NodeListing } from '../plan/index.ts';
import type { DecodedNode } from '../points/index.ts';
import type { CloudVersion, VersionStore } from '../versions/index.ts';
import { requireVersion, withVersion } from '../versions/index.ts';
import type { Pages } from './pages.ts';
import type { StoredOptions } from './stored-nodes.ts';
import type { TileOptions, Tiles } from './tiles.ts';

export interface NodeAddress {
  readonly id: string;
  readonly version: string;
  readonly key: Key;
}

/**
 * All methods throw `version_gone` for another version than the present one and `not_found` for a node that
 * is not there.
 */
export class CloudNodes {
  readonly #versions: VersionStore;
  readonly #pages: Pages;
  readonly #tiles: Tiles;

  constructor(versions: VersionStore, pages: Pages, tiles: Tiles) {
    this.#versions = versions;
    this.#pages = pages;
    this.#tiles = tiles;
  }

  /** The node and those below it, breadth first, at most `limit` of them. */
  below(address: NodeAddress, limit: number, signal: AbortSignal | undefined): Promise<NodeListing> {
    return this.#withNode(address, signal, async (_cloudVersion, node) => listBelow(node, limit));
  }

  decoded(address: NodeAddress, options: TileOptions): Promise<DecodedNode> {
    return this.#withNode(address, options.signal, async (cloudVersion, node) => {
      requirePoints(cloudVersion, node);
      const tile = await this.#tiles.get(cloudVersion, node, options);
      await abortable(tile.verify(), options.signal);
      return tile.node;
    });
  }

  /** The node's stored bytes, whole. Throws `corrupt_tile` if they are missing or do not decode. */
  stored(address: NodeAddress, options: StoredOptions): Promise<TileRead> {
    return this.#withNode(address, options.signal, (cloudVersion, node) => {
      requirePoints(cloudVersion, node);
      return this.#tiles.stored(cloudVersion, node, options);
    });
  }

  #withNode<Value>(
    { id, version, key }: NodeAddress,
    signal: AbortSignal | undefined,
    work: (cloudVersion: CloudVersion, node: FoundNode) => Promise<Value>,
  ): Promise<Value> {
    return withVersion(this.#versions, id, signal, async ({ cloudVersion }) => {
      await requireVersion(this.#versions, cloudVersion, version);
      const loadPage = async (link: Parameters<Pages['load']>[1]) => {
        const { page, verify } = await this.#pages.load(cloudVersion, link, signal);
        await verify();
        return page;
      };
      const node = await findNode(cloudVersion.cloud.rootPage, key, loadPage);
      if (node === null) throw notThere(cloudVersion, key, 'there is no such node');
      return work(cloudVersion, node);
    });
  }
}

function requirePoints(cloudVersion: CloudVersion, { key, points }: FoundNode): void {
  if (points === 0) throw notThere(cloudVersion, key, 'it has no points of its own');
}

function notThere(cloudVersion: CloudVersion, key: Key, why: string): NearboxError {
  return new NearboxError(
    'not_found',
    `node ${Key.format(key)} of cloud ${JSON.stringify(cloudVersion.id)}: ${why}`,
  );
}
