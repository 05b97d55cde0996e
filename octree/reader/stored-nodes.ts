/** Nodes from the storage: read, decoded, and checked to be of their version. */
import { ObjectTooLarge } from '../../cache/byte-source/index.ts';
import { abortable, isNearboxError, NearboxError } from '../../cache/foundation/index.ts';
import type { TileBytes, TileRead, TileReadOptions } from '../../cache/tiles/index.ts';
import type { DecodeJob, NodeDecoders } from '../decode/index.ts';
import type { NodeLocation } from '../formats/index.ts';
import { Key } from '../geometry/index.ts';
import type { PlannedNode } from '../plan/index.ts';
import type { DecodedNode, Dimension } from '../points/index.ts';
import type { CloudVersion, VersionStore } from '../versions/index.ts';
import { pinnedEtag } from '../versions/index.ts';

export interface StoredNodesOptions {
  /** Stored nodes: from disk, else from the origin. */
  readonly bytes: TileBytes;
  readonly versions: VersionStore;
  readonly validators: NodeValidators;
  readonly decoders: Pick<NodeDecoders, 'run'>;
}

/** Remembers the validator of a node's bytes when they were first read under a version. */
export interface NodeValidators {
  get(cloudVersion: CloudVersion, key: string): string | undefined;
  set(cloudVersion: CloudVersion, key: string, etag: string): void;
}

/** How a node's bytes are to come; see `TileReadOptions`. */
export type StoredOptions = Pick<TileReadOptions, 'signal' | 'reach'>;

/** A node of a version. */
export interface StoredNodeRequest {
  readonly cloudVersion: CloudVersion;
  readonly planned: PlannedNode;
  readonly dimensions?: readonly Dimension[];
}

type LocatedNode = StoredNodeRequest & { readonly location: NodeLocation };

/** A node that was read and has decoded. */
export interface CheckedNode {
  readonly read: TileRead;
  readonly node: DecodedNode;
  readonly fetchedAt: number;
  /** Checks that the node is of the version; null if that is known. */
  readonly check: (() => Promise<void>) | null;
}

export class StoredNodes {
  readonly #options: StoredNodesOptions;

  constructor(options: StoredNodesOptions) {
    this.#options = options;
  }

  /**
   * Reads and decodes a node. Bytes from disk were verified before they were stored there, and bytes from a
   * node URL by the instance that served them. If such bytes do not decode, the origin is read.
   *
   * Throws `corrupt_tile`, `cloud_changed`, `source_unavailable`.
   */
  async read(
    request: StoredNodeRequest,
    { signal, reach: wanted = 'any' }: StoredOptions,
  ): Promise<CheckedNode> {
    const { cloudVersion, planned } = request;
    const { key, points, range } = planned;
    const node = { ...request, location: cloudVersion.cloud.locate(key, points, range) };
    for (let reach = wanted; ; reach = 'source') {
      const pinned = this.#confirmPinned(node);
      const read = await this.#fetch(node, { signal, reach });
      const fetchedAt = performance.now();
      const check = read.from === 'origin' ? this.#checkOf(node.cloudVersion, read, pinned) : null;
      try {
        const decoded = await this.#decode(node, read.bytes, signal);
        return { read, node: decoded, fetchedAt, check };
      } catch (error) {
        read.reject();
        read.release();
        // Bytes that do not decode may be of the next version: then the error says so.
        if (check !== null) await abortable(check(), signal);
        if (read.from === 'origin' || !isNearboxError(error, 'corrupt_tile')) throw error;
      }
    }
  }

  /**
   * For a node that is read under a pinned ETag: checks, in parallel with the read, that the files of the
   * version fit together.
   */
  #confirmPinned({ cloudVersion, location: { path } }: LocatedNode): Promise<void> | null {
    if (pinnedEtag(cloudVersion.cloud, path) === undefined) return null;
    const confirmed = this.#options.versions.confirm(cloudVersion, path);
    // If the read fails as well, its error counts.
    confirmed.catch(() => {});
    return confirmed;
  }

  /**
   * The check that bytes from the origin are of the version; null if the storage states that they have not
   * changed for long enough. Files that are not pinned belong to the version if it is still the present one
   * after they have arrived.
   */
  #checkOf(
    cloudVersion: CloudVersion,
    { unchangedMs }: TileRead,
    pinned: Promise<void> | null,
  ): (() => Promise<void>) | null {
    if (pinned !== null) return () => pinned;
    const { versions } = this.#options;
    return versions.holds(cloudVersion, unchangedMs) ? null : () => versions.revalidate(cloudVersion);
  }

  async #fetch(
    { cloudVersion, planned: { name: node }, location: { path, range } }: LocatedNode,
    { signal, reach }: StoredOptions,
  ): Promise<TileRead> {
    const { bytes, validators, versions } = this.#options;
    const ifMatch = pinnedEtag(cloudVersion.cloud, path) ?? validators.get(cloudVersion, node);
    try {
      const address = { cloud: cloudVersion.id, version: cloudVersion.version, node, path, range };
      const read = await bytes.read(address, { signal, ifMatch, reach });
      if (read === null) throw corrupt(cloudVersion, node, 'its file is missing');
      if (read.etag !== null) validators.set(cloudVersion, node, read.etag);
      return read;
    } catch (error) {
      if (isNearboxError(error, 'cloud_changed')) versions.drop(cloudVersion);
      if (error instanceof ObjectTooLarge)
        throw corrupt(cloudVersion, node, `it has ${error.size} bytes`, error);
      if (isNearboxError(error, 'range_not_satisfiable'))
        throw corrupt(cloudVersion, node, 'its file ends before the bytes of the node', error);
      throw error;
    }
  }

  async #decode(
    { cloudVersion, planned: { key, name: node, points }, location, dimensions = [] }: LocatedNode,
    bytes: Uint8Array<ArrayBuffer>,
    signal: AbortSignal | undefined,
  ): Promise<DecodedNode> {
    const { encoding, storedBytes } = location;
    if (storedBytes !== null && bytes.byteLength !== storedBytes)
      throw corrupt(
        cloudVersion,
        node,
        `${points} points take ${storedBytes} bytes, it has ${bytes.byteLength}`,
      );
    const within = Key.cube(key, cloudVersion.cloud.cube, cloudVersion.cloud.pad);
    const job: DecodeJob = { encoding, bytes, count: points, within, dimensions };
    try {
      return await this.#options.decoders.run(job, { signal });
    } catch (error) {
      if (isNearboxError(error, 'corrupt_tile')) throw corrupt(cloudVersion, node, error.message, error);
      throw error;
    }
  }
}

function corrupt(cloudVersion: CloudVersion, key: string, why: string, cause?: unknown): NearboxError {
  return new NearboxError('corrupt_tile', `node ${key} of cloud ${JSON.stringify(cloudVersion.id)}: ${why}`, {
    cause,
  });
}
