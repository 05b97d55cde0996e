/** Single nodes of a version of a cloud: listed, decoded, and as they are stored. */
import { abortable } from '../cache/abortable.ts';
import { NearboxError } from '../cache/errors.ts';
import type { TileRead } from '../cache/tile-bytes.ts';
import type { DecodedNode } from './decoded-node.ts';
import type { Epoch, Epochs } from './epochs.ts';
import { type FoundNode, findNode, listBelow, type NodeListing } from './find-node.ts';
import { Key } from './key.ts';
import type { Pages } from './pages.ts';
import type { StoredOptions, Tiles } from './tiles.ts';
import { requireVersion, withEpoch } from './with-epoch.ts';

export interface NodeAddress {
  readonly id: string;
  readonly version: string;
  readonly key: Key;
}

/** All methods throw `version_gone` for another version than the present one and `not_found` for a node that is not there. */
export class CloudNodes {
  readonly #epochs: Epochs;
  readonly #pages: Pages;
  readonly #tiles: Tiles;

  constructor(epochs: Epochs, pages: Pages, tiles: Tiles) {
    this.#epochs = epochs;
    this.#pages = pages;
    this.#tiles = tiles;
  }

  /** The node and those below it, breadth first, at most `limit` of them. */
  below(address: NodeAddress, limit: number, signal: AbortSignal | undefined): Promise<NodeListing> {
    return this.#withNode(address, signal, async (_epoch, node) => listBelow(node, limit));
  }

  decoded(address: NodeAddress, signal: AbortSignal | undefined): Promise<DecodedNode> {
    return this.#withNode(address, signal, async (epoch, node) => {
      requirePoints(epoch, node);
      const tile = await this.#tiles.get(epoch, node, { signal });
      await abortable(tile.verified, signal);
      return tile.node;
    });
  }

  /** The node's stored bytes, whole. Throws `corrupt_tile` if they are missing or do not decode. */
  stored(address: NodeAddress, options: StoredOptions): Promise<TileRead> {
    return this.#withNode(address, options.signal, (epoch, node) => {
      requirePoints(epoch, node);
      return this.#tiles.stored(epoch, node, options);
    });
  }

  #withNode<Value>(
    { id, version, key }: NodeAddress,
    signal: AbortSignal | undefined,
    work: (epoch: Epoch, node: FoundNode) => Promise<Value>,
  ): Promise<Value> {
    return withEpoch(this.#epochs, id, signal, async ({ epoch }) => {
      await requireVersion(this.#epochs, epoch, version);
      const loadPage = async (link: Parameters<Pages['load']>[1]) => {
        const { page, verified } = await this.#pages.load(epoch, link, signal);
        await verified;
        return page;
      };
      const node = await findNode(epoch.cloud.rootPage, key, loadPage);
      if (node === null) throw notThere(epoch, key, 'there is no such node');
      return work(epoch, node);
    });
  }
}

function requirePoints(epoch: Epoch, { key, points }: FoundNode): void {
  if (points === 0) throw notThere(epoch, key, 'it has no points of its own');
}

function notThere(epoch: Epoch, key: Key, why: string): NearboxError {
  return new NearboxError(
    'not_found',
    `node ${Key.format(key)} of cloud ${JSON.stringify(epoch.id)}: ${why}`,
  );
}
