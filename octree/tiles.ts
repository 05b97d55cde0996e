/** Decoded nodes: from memory, or fetched and decoded once however many ask for them. */
import { abortable } from '../cache/abortable.ts';
import { ObjectTooLarge } from '../cache/byte-source.ts';
import { isNearboxError, NearboxError } from '../cache/errors.ts';
import { Limiter } from '../cache/limiter.ts';
import type { MemoryTier } from '../cache/memory-tier.ts';
import { Singleflight } from '../cache/singleflight.ts';
import type { TileBytes, TileRead, TileReadOptions } from '../cache/tile-bytes.ts';
import { Bounds } from './bounds.ts';
import type { DecodeJob } from './decode-job.ts';
import type { DecodedNode } from './decoded-node.ts';
import { type Dimension, dimensionsName } from './dimensions.ts';
import type { Epoch, Epochs } from './epochs.ts';
import type { NodeLocation } from './format.ts';
import { Key } from './key.ts';
import type { NodeDecoders } from './node-decoders.ts';
import type { PlannedNode } from './plan.ts';
import { tieOf } from './tie.ts';

export interface TilesOptions {
  /** Stored nodes: from disk, else from the origin. */
  readonly bytes: TileBytes;
  readonly epochs: Epochs;
  readonly memory: MemoryTier<DecodedNode>;
  readonly validators: NodeValidators;
  readonly decoders: Pick<NodeDecoders, 'run'>;
  /** Nodes fetched or decoded at once, over all requests. */
  readonly maxInFlight: number;
}

/** Remembers the validator that a node's bytes had when they were first read under an epoch. */
export interface NodeValidators {
  get(epoch: Epoch, key: string): string | undefined;
  set(epoch: Epoch, key: string, etag: string): void;
}

export interface Tile {
  readonly node: DecodedNode;
  /** `origin`: over the network, from the origin itself or by way of a CDN or another instance. */
  readonly from: 'memory' | 'disk' | 'origin';
  /** Bytes that this call fetched: 0 from memory or disk, and 0 if it joined a load that was under way. */
  readonly bytes: number;
  /** When the stored bytes were there, on the clock of `performance.now()`; null from memory. */
  readonly fetchedAt: number | null;
  /**
   * Resolves once it is known that the node is of the epoch; rejects as `cloud_changed`. To be waited for before anything of it is given out, but not
   * before it is worked on: that would cost a round trip where a look at the version is needed.
   */
  readonly verified: Promise<void>;
}

type Load = Omit<Tile, 'fetchedAt'> & { readonly fetchedAt: number };

const VERIFIED = Promise.resolve();

/** How a node's bytes are to come; see `TileReadOptions`. */
export type StoredOptions = Pick<TileReadOptions, 'signal' | 'reach'>;

/** A node as this process has read it: what it is, and under which version. */
interface Asked {
  readonly epoch: Epoch;
  readonly planned: PlannedNode;
  readonly location: NodeLocation;
  readonly dimensions?: readonly Dimension[];
}

/** A node that was read and has decoded. */
interface Checked {
  readonly read: TileRead;
  readonly node: DecodedNode;
  readonly fetchedAt: number;
  readonly verified: Promise<void>;
}

export interface TileOptions {
  readonly signal?: AbortSignal | undefined;
  /** What is to be decoded besides position and intensity, where the cloud has it. Default: nothing. */
  readonly dimensions?: readonly Dimension[] | undefined;
}

export class Tiles {
  readonly #options: TilesOptions;
  readonly #loads = new Singleflight<Load>();
  /** Loaded tiles that are not verified yet. */
  readonly #unverified = new Map<string, Load>();
  readonly #limiter: Limiter;
  /** Apart, since what is loaded may wait, by way of a CDN, for what is served here. */
  readonly #serving: Limiter;

  constructor(options: TilesOptions) {
    this.#options = options;
    this.#limiter = new Limiter(options.maxInFlight);
    this.#serving = new Limiter(options.maxInFlight);
  }

  get inFlight(): number {
    return this.#limiter.running;
  }

  /** Nodes with further dimensions are tiles of their own: those without, which nearly all questions are for, stay as small as they are. */
  async get(
    epoch: Epoch,
    planned: PlannedNode,
    { signal, dimensions = [] }: TileOptions = {},
  ): Promise<Tile> {
    const more = dimensionsName(dimensions);
    const name = tileName(epoch, Key.format(planned.key)) + (more === '' ? '' : `+${more}`);
    const node = this.#options.memory.get(name);
    if (node !== undefined) return { node, from: 'memory', bytes: 0, fetchedAt: null, verified: VERIFIED };
    const waiting = this.#unverified.get(name);
    if (waiting !== undefined) return { ...waiting, bytes: 0 };
    let isMine = false;
    const load = await this.#loads.run(
      name,
      (shared) => {
        isMine = true;
        const node = { ...asked(epoch, planned), dimensions };
        return this.#limiter.run(() => this.#load(node, name, shared), shared);
      },
      signal,
    );
    return { ...load, bytes: isMine ? load.bytes : 0 };
  }

  /** A node's bytes as they are stored: whole, of this version, and such that they decode. Throws `corrupt_tile` or `cloud_changed`. */
  stored(epoch: Epoch, planned: PlannedNode, { signal, reach = 'any' }: StoredOptions): Promise<TileRead> {
    return this.#serving.run(async () => {
      const { read, verified } = await this.#checked(asked(epoch, planned), { signal, reach });
      await abortable(verified, signal);
      return read;
    }, signal);
  }

  async #load(asked: Asked, name: string, signal: AbortSignal): Promise<Load> {
    const checked = await this.#checked(asked, { signal, reach: 'any' });
    const { read, node, fetchedAt } = checked;
    const from = read.from === 'disk' || read.from === 'memory' ? read.from : 'origin';
    // As with pages: only then is it kept.
    const verified = checked.verified.then(() => this.#options.memory.set(name, node));
    const load = { node, from, bytes: read.originBytes, fetchedAt, verified } as const;
    this.#unverified.set(name, load);
    const forget = () => this.#unverified.delete(name);
    verified.then(forget, forget);
    return load;
  }

  /**
   * Reads a node, has it looked up whether it is of the version, and decodes it; then, and only then, it may stay on disk. What came from disk was
   * looked at when it was put there, and what came by its node URL by the instance that served it; should it not decode all the same, the origin is asked.
   */
  async #checked(node: Asked, { signal, reach: wanted }: StoredOptions): Promise<Checked> {
    const { epochs } = this.#options;
    const isTied = tieOf(node.epoch.cloud, node.location.path) !== undefined;
    for (let reach = wanted; ; reach = 'source') {
      const confirmed = isTied ? epochs.confirm(node.epoch) : null;
      // Should the read fail, that is what is heard of.
      confirmed?.catch(() => {});
      const read = await this.#fetch(node, { signal, reach });
      const fetchedAt = performance.now();
      const looked = read.from === 'origin' ? (confirmed ?? this.#belongs(node.epoch, read)) : VERIFIED;
      looked.catch(() => read.reject());
      try {
        const decoded = await this.#decode(node, read.bytes, signal);
        const verified = looked.then(() => read.keep());
        verified.catch(() => {});
        return { read, node: decoded, fetchedAt, verified };
      } catch (error) {
        read.reject();
        // What does not decode may be of the next version: then that is what is heard of.
        await abortable(looked, signal);
        if (read.from === 'origin' || !isNearboxError(error, 'corrupt_tile')) throw error;
      }
    }
  }

  /**
   * Of files that nothing ties to the version, the look begins after the bytes have come in: if the epoch still holds then, they belong to it.
   * None is needed where the storage says for how long they have been there.
   */
  #belongs(epoch: Epoch, { unchangedMs }: TileRead): Promise<void> {
    const { epochs } = this.#options;
    return epochs.holds(epoch, unchangedMs) ? VERIFIED : epochs.verify(epoch);
  }

  async #fetch(
    { epoch, planned: { key }, location: { path, range } }: Asked,
    { signal, reach }: StoredOptions,
  ): Promise<TileRead> {
    const { bytes, validators, epochs } = this.#options;
    const node = Key.format(key);
    const ifMatch = tieOf(epoch.cloud, path) ?? validators.get(epoch, node);
    try {
      const address = { cloud: epoch.id, version: epoch.version, node, path, range };
      const read = await bytes.read(address, { signal, ifMatch, reach });
      if (read === null) throw corrupt(epoch, node, 'its file is missing');
      if (read.etag !== null) validators.set(epoch, node, read.etag);
      return read;
    } catch (error) {
      if (isNearboxError(error, 'cloud_changed')) epochs.drop(epoch);
      if (error instanceof ObjectTooLarge) throw corrupt(epoch, node, `it has ${error.size} bytes`, error);
      if (isNearboxError(error, 'range_not_satisfiable'))
        throw corrupt(epoch, node, 'its file ends before it', error);
      throw error;
    }
  }

  async #decode(
    { epoch, planned: { key, points }, location, dimensions = [] }: Asked,
    bytes: Uint8Array<ArrayBuffer>,
    signal: AbortSignal | undefined,
  ): Promise<DecodedNode> {
    const node = Key.format(key);
    const { encoding, storedBytes } = location;
    if (storedBytes !== null && bytes.byteLength !== storedBytes)
      throw corrupt(epoch, node, `${points} points take ${storedBytes} bytes, it has ${bytes.byteLength}`);
    const within = Bounds.pad(Key.cube(key, epoch.cloud.cube), epoch.cloud.pad);
    const job: DecodeJob = { encoding, bytes, count: points, within, dimensions };
    try {
      return await this.#options.decoders.run(job, { signal });
    } catch (error) {
      if (isNearboxError(error, 'corrupt_tile')) throw corrupt(epoch, node, error.message, error);
      throw error;
    }
  }
}

function asked(epoch: Epoch, planned: PlannedNode): Asked {
  return { epoch, planned, location: epoch.cloud.locate(planned.key, planned.points, planned.range) };
}

/** The key of a node's tile in the memory tier; everything of an epoch begins alike. */
export function tileName(epoch: Epoch, key: string): string {
  return `${epochPrefix(epoch)}${key}`;
}

export function epochPrefix({ generation }: Epoch): string {
  return `${generation}:`;
}

function corrupt(epoch: Epoch, key: string, why: string, cause?: unknown): NearboxError {
  return new NearboxError('corrupt_tile', `node ${key} of cloud ${JSON.stringify(epoch.id)}: ${why}`, {
    cause,
  });
}
