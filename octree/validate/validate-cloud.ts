/** Reads a cloud to its last node and says what is wrong with it. */
import { availableParallelism } from 'node:os';
import type { ByteSource } from '../../cache/byte-source/index.ts';
import { isNearboxError, linked, NearboxError } from '../../cache/foundation/index.ts';
import type { DecodeJob } from '../decode/index.ts';
import { type NodeDecoders, PooledDecoders } from '../decode/index.ts';
import type { FormatCloud, FormatName } from '../formats/index.ts';
import { formatsOf } from '../formats/index.ts';
import { Bounds, Key } from '../geometry/index.ts';
import type { PlannedNode } from '../plan/index.ts';
import type { DecodedNode } from '../points/index.ts';
import { checkCloudId, isPresent, openCloud, versionOf } from '../versions/index.ts';
import { countDuplicates } from './duplicates.ts';
import { type Finding, Findings } from './findings.ts';
import { Stretches } from './stretches.ts';
import { walkHierarchy } from './walk-hierarchy.ts';

export interface ValidateOptions {
  readonly source: ByteSource;
  readonly id: string;
  readonly signal: AbortSignal;
  /** Findings that are kept; those beyond are counted. Default: 100. */
  readonly maxFindings?: number | undefined;
  /** Threads that decode; twice as many nodes are in memory at a time. Default: one per core, at most 4. */
  readonly decodeWorkers?: number | undefined;
  /** Decodes instead of threads of its own, and is not closed. */
  readonly decoders?: Pick<NodeDecoders, 'run' | 'close'> | undefined;
  /** Largest stored node, bytes. Default: 64 MiB. */
  readonly maxNodeBytes?: number | undefined;
  /** Largest metadata file or hierarchy page, bytes. Default: 32 MiB. */
  readonly maxMetadataBytes?: number | undefined;
  /** Told now and then which share of the points is done, 0 to 1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

export interface ValidationReport {
  /** null if not even its metadata could be read. */
  readonly cloud: { readonly id: string; readonly format: FormatName; readonly version: string } | null;
  /** Hierarchy pages, nodes with points, points and stored bytes of nodes that were read. */
  readonly pages: number;
  readonly nodes: number;
  readonly points: number;
  readonly bytes: number;
  /** Points that lie exactly where another one of the same node lies. Not wrong: scanners do that. */
  readonly duplicates: number;
  readonly errors: number;
  readonly warnings: number;
  /** In the order in which they were met; the first `maxFindings`. */
  readonly findings: readonly Finding[];
}

const MIB = 1024 * 1024;

/**
 * Checks metadata, hierarchy (places, parents, counts, sizes, byte ranges that overlap), and of every node
 * that its bytes are there, decode and lie in the node's cube. Goes on after what it finds. Throws
 * `cloud_not_found` if there is no such cloud, `cloud_changed` if it is replaced meanwhile,
 * `source_unavailable` if the storage fails on the metadata.
 */
export async function validateCloud(options: ValidateOptions): Promise<ValidationReport> {
  // However many reads are under way, the caller's signal has one listener.
  return linked(options.signal, async (signal) => {
    const validation = new Validation({ ...options, signal });
    try {
      return await validation.run();
    } finally {
      await validation.close();
    }
  });
}

class Validation {
  readonly #options: ValidateOptions;
  readonly #findings: Findings;
  /** As the metadata say; null until the cloud is open. */
  #claimedBounds: Bounds | null = null;
  readonly #workers: number;
  readonly #decoders: Pick<NodeDecoders, 'run' | 'close'>;
  readonly #stretches = new Stretches();
  #pages = 0;
  #nodes = 0;
  #points = 0;
  #promised = 0;
  #bytes = 0;
  #duplicates = 0;

  constructor(options: ValidateOptions) {
    this.#options = options;
    this.#findings = new Findings(options.maxFindings ?? 100);
    this.#workers = options.decodeWorkers ?? Math.min(4, availableParallelism());
    this.#decoders =
      options.decoders ?? new PooledDecoders({ workers: this.#workers, maxQueue: 2 * this.#workers });
  }

  async close(): Promise<void> {
    if (this.#options.decoders === undefined) await this.#decoders.close();
  }

  async run(): Promise<ValidationReport> {
    const { source, id, signal } = this.#options;
    const limits = { maxMetadataBytes: this.#options.maxMetadataBytes ?? 32 * MIB };
    const cloud = await this.#open();
    if (cloud === null) return this.#report(null);

    await this.#checkNodes(cloud, signal);
    this.#checkWhole(cloud);
    if (!(await isPresent(cloud, { source, limits }, signal)))
      throw new NearboxError(
        'cloud_changed',
        `the cloud ${JSON.stringify(id)} was replaced while it was read`,
      );
    return this.#report(cloud);
  }

  /** Checks every node of the hierarchy, several at a time. The first error ends the reads of the others. */
  async #checkNodes(cloud: FormatCloud, signal: AbortSignal): Promise<void> {
    const nodes = walkHierarchy(cloud, {
      signal,
      onPage: () => this.#pages++,
      onLostPage: (node, what) => this.#findings.error(node, what),
    });
    // Consumers share one generator: each takes the next node when it is done with its last.
    const consume = async () => {
      for await (const node of nodes) await this.#check(cloud, node, signal);
    };
    await Promise.all(Array.from({ length: 2 * this.#workers }, consume));
  }

  /** null if it is there and cannot be opened: then that is what is wrong. */
  async #open(): Promise<FormatCloud | null> {
    const { source, id, signal } = this.#options;
    checkCloudId(id);
    const limits = { maxMetadataBytes: this.#options.maxMetadataBytes ?? 32 * MIB };
    const onDamage = (node: string, what: string) => this.#findings.error(node, what);
    try {
      const opened = await openCloud({ source, formatsOf, limits, onDamage }, id, signal);
      if (opened !== null) {
        this.#claimedBounds = opened.claimedBounds;
        return opened.cloud;
      }
    } catch (error) {
      if (!isNearboxError(error, 'corrupt_tile')) throw error;
      this.#findings.error(null, error.message);
      return null;
    }
    throw new NearboxError('cloud_not_found', `there is no cloud ${JSON.stringify(id)}`);
  }

  async #check(cloud: FormatCloud, planned: PlannedNode, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { key, points, range } = planned;
    if (points === 0) return;
    const name = Key.format(key);
    const { path, encoding, storedBytes } = cloud.locate(key, points, range);
    this.#promised += points;
    if (range !== null) this.#stretches.add(key, range);
    try {
      const bytes = await this.#read(cloud, planned, signal);
      if (storedBytes !== null && bytes.byteLength !== storedBytes)
        throw new NearboxError(
          'corrupt_tile',
          `${points} points take ${storedBytes} bytes, it has ${bytes.byteLength}`,
        );
      const { byteLength } = bytes;
      const within = Key.cube(key, cloud.cube, cloud.pad);
      const job: DecodeJob = { encoding, bytes, count: points, within };
      const node = await this.#decoders.run(job, { signal });
      this.#nodes++;
      this.#points += node.count;
      this.#bytes += byteLength;
      this.#checkDecoded(cloud, planned, path, node);
    } catch (error) {
      signal.throwIfAborted();
      if (!isNearboxError(error)) throw error;
      this.#findings.error(name, error.message, path);
    }
    this.#options.onProgress?.(cloud.points === 0 ? 1 : Math.min(1, this.#promised / cloud.points));
  }

  async #read(cloud: FormatCloud, { key, points, range }: PlannedNode, signal: AbortSignal) {
    const { path } = cloud.locate(key, points, range);
    const stored = await this.#options.source.read(path, {
      signal,
      maxBytes: this.#options.maxNodeBytes ?? 64 * MIB,
      ...(range !== null && { range }),
    });
    if (stored === null) throw new NearboxError('corrupt_tile', 'its file is missing');
    return stored.bytes;
  }

  #checkDecoded(cloud: FormatCloud, { key, points }: PlannedNode, path: string, node: DecodedNode): void {
    const name = Key.format(key);
    if (node.count !== points)
      this.#findings.warn(name, `it has ${node.count} points, the hierarchy says ${points}`, path);
    const claimed = Bounds.pad(this.#claimedBounds ?? cloud.bounds, cloud.pad);
    if (node.bounds !== null && !Bounds.contains(claimed, node.bounds))
      this.#findings.warn(name, 'points lie outside of the bounds of the metadata', path);
    this.#duplicates += countDuplicates(node);
  }

  #checkWhole(cloud: FormatCloud): void {
    for (const { node, other, bytes } of this.#stretches.overlaps())
      this.#findings.error(node, `its first ${bytes} bytes are also those of node ${other}`);
    // The counts of Potree 1 are guesses by design: there, the points that were read are what counts.
    const isGuess = cloud.format === 'potree1';
    const found = isGuess ? this.#points : this.#promised;
    if (found === cloud.points) return;
    const what = `the metadata promise ${cloud.points} points, the ${isGuess ? 'nodes have' : 'hierarchy has'} ${found}`;
    if (isGuess) this.#findings.warn(null, what);
    else this.#findings.error(null, what);
  }

  #report(cloud: FormatCloud | null): ValidationReport {
    return {
      cloud: cloud && { id: this.#options.id, format: cloud.format, version: versionOf(cloud) },
      pages: this.#pages,
      nodes: this.#nodes,
      points: this.#points,
      bytes: this.#bytes,
      duplicates: this.#duplicates,
      errors: this.#findings.errors,
      warnings: this.#findings.warnings,
      findings: this.#findings.list,
    };
  }
}
