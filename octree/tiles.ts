/** Decoded nodes: from memory, or fetched and decoded once however many ask for them. */
import { type ByteSource, ObjectTooLarge, type StoredObject } from '../cache/byte-source.ts';
import { isNearboxError, NearboxError } from '../cache/errors.ts';
import { Limiter } from '../cache/limiter.ts';
import type { MemoryTier } from '../cache/memory-tier.ts';
import { Singleflight } from '../cache/singleflight.ts';
import { Bounds } from './bounds.ts';
import type { DecodeJob } from './decode-job.ts';
import type { DecodedNode } from './decoded-node.ts';
import type { Epoch, Epochs } from './epochs.ts';
import type { NodeLocation } from './format.ts';
import { Key } from './key.ts';
import type { PlannedNode } from './plan.ts';
import type { WorkerPool } from './worker-pool.ts';

export interface TilesOptions {
  readonly source: ByteSource;
  readonly epochs: Epochs;
  readonly memory: MemoryTier<DecodedNode>;
  readonly validators: NodeValidators;
  readonly decoders: WorkerPool<DecodeJob, DecodedNode>;
  /** Nodes fetched or decoded at once, over all requests. */
  readonly maxInFlight: number;
  /** Largest stored node, bytes. */
  readonly maxNodeBytes: number;
}

/** Remembers the validator that a node's bytes had when they were first read under an epoch. */
export interface NodeValidators {
  get(epoch: Epoch, key: string): string | undefined;
  set(epoch: Epoch, key: string, etag: string): void;
}

export interface Tile {
  readonly node: DecodedNode;
  readonly from: 'memory' | 'origin';
  /** Bytes that this call fetched: 0 from memory, and 0 if it joined a load that was under way. */
  readonly bytes: number;
  /** When the stored bytes were there, on the clock of `performance.now()`; null from memory. */
  readonly fetchedAt: number | null;
}

type Load = Pick<Tile, 'node' | 'bytes'> & { readonly fetchedAt: number };

export class Tiles {
  readonly #options: TilesOptions;
  readonly #loads = new Singleflight<Load>();
  readonly #limiter: Limiter;

  constructor(options: TilesOptions) {
    this.#options = options;
    this.#limiter = new Limiter(options.maxInFlight);
  }

  get inFlight(): number {
    return this.#limiter.running;
  }

  async get(epoch: Epoch, planned: PlannedNode, signal?: AbortSignal): Promise<Tile> {
    const name = tileName(epoch, Key.format(planned.key));
    const node = this.#options.memory.get(name);
    if (node !== undefined) return { node, from: 'memory', bytes: 0, fetchedAt: null };
    let isMine = false;
    const load = await this.#loads.run(
      name,
      (shared) => {
        isMine = true;
        return this.#limiter.run(() => this.#load(epoch, planned, name, shared), shared);
      },
      signal,
    );
    return { node: load.node, from: 'origin', bytes: isMine ? load.bytes : 0, fetchedAt: load.fetchedAt };
  }

  /** A node's bytes as they are stored, whole and of this version. Throws `corrupt_tile` or `cloud_changed`. */
  stored(epoch: Epoch, planned: PlannedNode, signal?: AbortSignal): Promise<StoredObject> {
    const { key, points, range } = planned;
    return this.#limiter.run(async () => {
      const location = epoch.cloud.locate(key, points, range);
      const stored = await this.#fetch(epoch, key, location, signal);
      await this.#options.epochs.verify(epoch);
      return checkStored(epoch, planned, location, stored);
    }, signal);
  }

  async #load(epoch: Epoch, planned: PlannedNode, name: string, signal: AbortSignal): Promise<Load> {
    const { epochs, memory } = this.#options;
    const location = epoch.cloud.locate(planned.key, planned.points, planned.range);
    const stored = await this.#fetch(epoch, planned.key, location, signal);
    const fetchedAt = performance.now();
    const bytes = stored?.bytes.byteLength ?? 0;
    // The look at the version begins after the bytes have come in: if the epoch still holds then, they belong to it.
    const [verified, decoded] = await Promise.allSettled([
      epochs.verify(epoch),
      this.#decode(epoch, planned, location, stored, signal),
    ]);
    if (verified.status === 'rejected') throw verified.reason;
    if (decoded.status === 'rejected') throw decoded.reason;
    memory.set(name, decoded.value);
    return { node: decoded.value, bytes, fetchedAt };
  }

  async #fetch(
    epoch: Epoch,
    key: Key,
    { path, range }: NodeLocation,
    signal: AbortSignal | undefined,
  ): Promise<StoredObject | null> {
    const { source, validators, epochs, maxNodeBytes } = this.#options;
    const name = Key.format(key);
    const known = validators.get(epoch, name);
    try {
      const stored = await source.read(path, {
        signal,
        maxBytes: maxNodeBytes,
        ...(range !== null && { range }),
        ...(known !== undefined && { ifMatch: known }),
      });
      if (stored?.etag != null) validators.set(epoch, name, stored.etag);
      return stored;
    } catch (error) {
      if (isNearboxError(error, 'cloud_changed')) epochs.drop(epoch);
      if (error instanceof ObjectTooLarge) throw corrupt(epoch, name, `it has ${error.size} bytes`, error);
      if (isNearboxError(error, 'range_not_satisfiable'))
        throw corrupt(epoch, name, 'its file ends before it', error);
      throw error;
    }
  }

  async #decode(
    epoch: Epoch,
    planned: PlannedNode,
    location: NodeLocation,
    stored: StoredObject | null,
    signal: AbortSignal,
  ): Promise<DecodedNode> {
    const { key, points } = planned;
    const { bytes } = checkStored(epoch, planned, location, stored);
    const within = Bounds.pad(Key.cube(key, epoch.cloud.cube), epoch.cloud.pad);
    const job: DecodeJob = { encoding: location.encoding, bytes, count: points, within };
    try {
      return await this.#options.decoders.run(job, { signal, transfer: [bytes.buffer] });
    } catch (error) {
      if (isNearboxError(error, 'corrupt_tile')) throw corrupt(epoch, Key.format(key), error.message, error);
      throw error;
    }
  }
}

function checkStored(
  epoch: Epoch,
  { key, points }: PlannedNode,
  { storedBytes }: NodeLocation,
  stored: StoredObject | null,
): StoredObject {
  const name = Key.format(key);
  if (stored === null) throw corrupt(epoch, name, 'its file is missing');
  const { byteLength } = stored.bytes;
  if (storedBytes !== null && byteLength !== storedBytes)
    throw corrupt(epoch, name, `${points} points take ${storedBytes} bytes, it has ${byteLength}`);
  return stored;
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
