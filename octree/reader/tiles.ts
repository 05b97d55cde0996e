/** Decoded nodes: from memory, or fetched and decoded once however many ask for them. */

import { ObjectTooLarge } from '../../cache/byte-source/index.ts';
import {
  abortable,
  FairLimiter,
  isNearboxError,
  NearboxError,
  Singleflight,
} from '../../cache/foundation/index.ts';
import type { MemoryTier } from '../../cache/memory/index.ts';
import type { TileBytes, TileRead, TileReadOptions } from '../../cache/tiles/index.ts';
import type { DecodeJob, NodeDecoders } from '../decode/index.ts';
import type { NodeLocation } from '../formats/index.ts';
import { Bounds, Key } from '../geometry/index.ts';
import type { PlannedNode } from '../plan/index.ts';
import type { DecodedNode } from '../points/index.ts';
import { type Dimension, dimensionsName } from '../points/index.ts';
import type { CloudVersion, VersionStore } from '../versions/index.ts';
import { pinnedEtag } from '../versions/index.ts';
import { Unverified, type Verifiable } from './unverified.ts';

export interface TilesOptions {
  /** Stored nodes: from disk, else from the origin. */
  readonly bytes: TileBytes;
  readonly versions: VersionStore;
  readonly memory: MemoryTier<DecodedNode>;
  readonly validators: NodeValidators;
  readonly decoders: Pick<NodeDecoders, 'run'>;
  /** Nodes fetched or decoded at once, over all requests. */
  readonly maxInFlight: number;
}

/** Remembers the validator of a node's bytes when they were first read under a version. */
export interface NodeValidators {
  get(cloudVersion: CloudVersion, key: string): string | undefined;
  set(cloudVersion: CloudVersion, key: string, etag: string): void;
}

/**
 * `verify` says whether the node is of the version. Nothing of the node may be given out before that. The
 * version is revalidated after the call, so a read calls it once, when all of its nodes are there.
 */
export interface Tile extends Verifiable {
  readonly node: DecodedNode;
  /** `origin`: over the network, from the origin itself or by way of a CDN or another instance. */
  readonly from: 'memory' | 'disk' | 'origin';
  /** Bytes that this call fetched: 0 from memory or disk, and 0 if it joined a load that was under way. */
  readonly bytes: number;
  /** When the stored bytes were there, on the clock of `performance.now()`; null from memory. */
  readonly fetchedAt: number | null;
}

type TileLoad = Omit<Tile, 'fetchedAt'> & { readonly fetchedAt: number };

const isKnown = () => Promise.resolve();

/** How a node's bytes are to come; see `TileReadOptions`. */
export type StoredOptions = Pick<TileReadOptions, 'signal' | 'reach'>;

/** A node as this process has read it: what it is, and under which version. */
interface TileRequest {
  readonly cloudVersion: CloudVersion;
  readonly planned: PlannedNode;
  readonly location: NodeLocation;
  readonly dimensions?: readonly Dimension[];
}

/** A node that was read and has decoded. */
interface Checked {
  readonly read: TileRead;
  readonly node: DecodedNode;
  readonly fetchedAt: number;
  /** Finds out whether the node is of the version; null if that is known. */
  readonly look: (() => Promise<void>) | null;
}

export interface TileOptions {
  readonly signal?: AbortSignal | undefined;
  /** What is to be decoded besides position and intensity, where the cloud has it. Default: nothing. */
  readonly dimensions?: readonly Dimension[] | undefined;
}

export class Tiles {
  readonly #options: TilesOptions;
  readonly #loads = new Singleflight<TileLoad>();
  readonly #unverified = new Unverified<Omit<TileLoad, 'verify'>>();
  readonly #limiter: FairLimiter;
  /** A limiter of its own: a load may wait, through a CDN, for a node that this instance serves. */
  readonly #serving: FairLimiter;

  constructor(options: TilesOptions) {
    this.#options = options;
    this.#limiter = new FairLimiter(options.maxInFlight);
    this.#serving = new FairLimiter(options.maxInFlight);
  }

  get inFlight(): number {
    return this.#limiter.running;
  }

  /** Whether the node is in memory, without further dimensions. */
  has(cloudVersion: CloudVersion, { key }: PlannedNode): boolean {
    return this.#options.memory.has(tileName(cloudVersion, Key.format(key)));
  }

  /**
   * Nodes with further dimensions are tiles of their own, so that tiles without them, which nearly all reads
   * need, stay small.
   */
  async get(
    cloudVersion: CloudVersion,
    planned: PlannedNode,
    { signal, dimensions = [] }: TileOptions = {},
  ): Promise<Tile> {
    const more = dimensionsName(dimensions);
    const name = tileName(cloudVersion, Key.format(planned.key)) + (more === '' ? '' : `+${more}`);
    const node = this.#options.memory.get(name);
    if (node !== undefined) return { node, from: 'memory', bytes: 0, fetchedAt: null, verify: isKnown };
    const waiting = this.#unverified.get(name);
    if (waiting !== undefined) return { ...waiting, bytes: 0 };
    let isMine = false;
    const load = await this.#loads.run(
      name,
      (shared) => {
        isMine = true;
        const node = { ...asked(cloudVersion, planned), dimensions };
        return this.#limiter.run(cloudVersion.id, () => this.#load(node, name, shared), shared);
      },
      signal,
    );
    return { ...load, bytes: isMine ? load.bytes : 0 };
  }

  /**
   * A node's stored bytes, checked: they decode and are of this version. Throws `corrupt_tile` or
   * `cloud_changed`.
   */
  stored(
    cloudVersion: CloudVersion,
    planned: PlannedNode,
    { signal, reach = 'any' }: StoredOptions,
  ): Promise<TileRead> {
    return this.#serving.run(
      cloudVersion.id,
      async () => {
        const { read, look } = await this.#checked(asked(cloudVersion, planned), { signal, reach });
        if (look === null) read.keep();
        else
          await abortable(
            look().then(read.keep, (error: unknown) => {
              read.reject();
              throw error;
            }),
            signal,
          );
        return read;
      },
      signal,
    );
  }

  async #load(asked: TileRequest, name: string, signal: AbortSignal): Promise<TileLoad> {
    const { read, node, fetchedAt, look } = await this.#checked(asked, { signal, reach: 'any' });
    // Points are copies; the stored bytes are not read again.
    read.release();
    const from = read.from === 'disk' || read.from === 'memory' ? read.from : 'origin';
    const keep = () => {
      read.keep();
      this.#options.memory.set(name, node);
    };
    if (look === null) {
      keep();
      return { node, from, bytes: read.originBytes, fetchedAt, verify: isKnown };
    }
    const load = { node, from, bytes: read.originBytes, fetchedAt } as const;
    return this.#unverified.add(name, load, { look, keep, reject: read.reject });
  }

  /**
   * Reads a node and decodes it. What came from disk was verified before it was put there, and what came by
   * its node URL by the instance that served it. If such bytes do not decode all the same, the origin is
   * asked.
   */
  async #checked(node: TileRequest, { signal, reach: wanted }: StoredOptions): Promise<Checked> {
    for (let reach = wanted; ; reach = 'source') {
      const pinned = this.#confirmPinned(node);
      const read = await this.#fetch(node, { signal, reach });
      const fetchedAt = performance.now();
      const look = read.from === 'origin' ? this.#lookAt(node.cloudVersion, read, pinned) : null;
      try {
        const decoded = await this.#decode(node, read.bytes, signal);
        return { read, node: decoded, fetchedAt, look };
      } catch (error) {
        read.reject();
        read.release();
        // Bytes that do not decode may be of the next version: then the error says so.
        if (look !== null) await abortable(look(), signal);
        if (read.from === 'origin' || !isNearboxError(error, 'corrupt_tile')) throw error;
      }
    }
  }

  /**
   * For a node that is read under a pinned ETag: whether the files of the version fit together, found out
   * beside the read.
   */
  #confirmPinned({ cloudVersion, location: { path } }: TileRequest): Promise<void> | null {
    if (pinnedEtag(cloudVersion.cloud, path) === undefined) return null;
    const confirmed = this.#options.versions.confirm(cloudVersion, path);
    // If the read fails as well, its error counts.
    confirmed.catch(() => {});
    return confirmed;
  }

  /**
   * How to find out whether bytes from the origin are of the version; null if the storage says that they have
   * been in their place for long enough. Files that are not pinned belong to the version if it is still the
   * present one after they have arrived.
   */
  #lookAt(
    cloudVersion: CloudVersion,
    { unchangedMs }: TileRead,
    pinned: Promise<void> | null,
  ): (() => Promise<void>) | null {
    if (pinned !== null) return () => pinned;
    const { versions } = this.#options;
    return versions.holds(cloudVersion, unchangedMs) ? null : () => versions.revalidate(cloudVersion);
  }

  async #fetch(
    { cloudVersion, planned: { key }, location: { path, range } }: TileRequest,
    { signal, reach }: StoredOptions,
  ): Promise<TileRead> {
    const { bytes, validators, versions } = this.#options;
    const node = Key.format(key);
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
        throw corrupt(cloudVersion, node, 'its file ends before it', error);
      throw error;
    }
  }

  async #decode(
    { cloudVersion, planned: { key, points }, location, dimensions = [] }: TileRequest,
    bytes: Uint8Array<ArrayBuffer>,
    signal: AbortSignal | undefined,
  ): Promise<DecodedNode> {
    const node = Key.format(key);
    const { encoding, storedBytes } = location;
    if (storedBytes !== null && bytes.byteLength !== storedBytes)
      throw corrupt(
        cloudVersion,
        node,
        `${points} points take ${storedBytes} bytes, it has ${bytes.byteLength}`,
      );
    const within = Bounds.pad(Key.cube(key, cloudVersion.cloud.cube), cloudVersion.cloud.pad);
    const job: DecodeJob = { encoding, bytes, count: points, within, dimensions };
    try {
      return await this.#options.decoders.run(job, { signal });
    } catch (error) {
      if (isNearboxError(error, 'corrupt_tile')) throw corrupt(cloudVersion, node, error.message, error);
      throw error;
    }
  }
}

function asked(cloudVersion: CloudVersion, planned: PlannedNode): TileRequest {
  return {
    cloudVersion,
    planned,
    location: cloudVersion.cloud.locate(planned.key, planned.points, planned.range),
  };
}

/** The key of a node's tile in the memory tier; all keys of one version have the same prefix. */
function tileName(cloudVersion: CloudVersion, key: string): string {
  return `${versionPrefix(cloudVersion)}${key}`;
}

export function versionPrefix({ generation }: CloudVersion): string {
  return `${generation}:`;
}

function corrupt(cloudVersion: CloudVersion, key: string, why: string, cause?: unknown): NearboxError {
  return new NearboxError('corrupt_tile', `node ${key} of cloud ${JSON.stringify(cloudVersion.id)}: ${why}`, {
    cause,
  });
}
