/**
 * The disk tier: tiles as they are stored at the origin, bounded in bytes. Losing it costs time and never
 * gives a wrong byte.
 */
import { randomBytes } from 'node:crypto';
import { checkInteger, SYSTEM_TIMING, type Timing } from '../foundation/index.ts';
import { type DiskFiles, isMissing, NODE_FILES } from './disk-files.ts';
import { DiskIndex } from './disk-index.ts';
import { DiskLayout } from './disk-layout.ts';
import { DiskReads, GAVE_UP } from './disk-reads.ts';
import { DiskWrites } from './disk-writes.ts';
import { decodeRecord } from './record.ts';
import { restore } from './restore.ts';

export interface DiskTierOptions {
  /** A folder for the tier alone, on a disk of the machine's own. Made if it is not there. */
  readonly folder: string;
  /** The most bytes that the files take from the disk, blocks and inodes included. Default: 4 GiB. */
  readonly maxBytes?: number;
  /** A larger tile is not kept. Default: 64 MiB. */
  readonly maxTileBytes?: number;
  /** A read that takes longer is given up, and the tile read from the origin. Default: 100 ms. */
  readonly readTimeoutMs?: number;
  /**
   * Most reads at the same time. Fewer than Node's file threads (4), so that a disk that hangs leaves one for
   * other work. Default: 3.
   */
  readonly maxReads?: number;
  /** The most that tiles waiting to be written take in memory; more are not kept. Default: 64 MiB. */
  readonly maxPendingBytes?: number;
  /** How long `close` goes on writing what is in line, milliseconds; the rest is lost. Default: 2,000. */
  readonly closeTimeoutMs?: number;
  /** Called with problems for the operator, such as a folder that cannot be used. Default: none. */
  readonly onProblem?: (message: string) => void;
  /** Default: the file system. */
  readonly files?: DiskFiles;
  /** Default: the system's timers. */
  readonly timing?: Timing;
  /** Milliseconds since 1970. Default: `Date.now`. */
  readonly clock?: () => number;
}

export interface DiskTierStats {
  readonly hits: number;
  /** All that were no hits: not there, given up, corrupt or failed. */
  readonly misses: number;
  readonly gaveUp: number;
  /** Records found damaged, and removed. */
  readonly corrupt: number;
  /** Reads and writes that the system refused (EIO, EMFILE, ENOSPC and the like). */
  readonly failures: number;
  readonly writes: number;
  /** Tiles that were not written: too large, too many in line, or no room. */
  readonly skipped: number;
  readonly evictions: number;
  readonly entries: number;
  readonly bytes: number;
  readonly maxBytes: number;
  /** False until what is on disk has been counted after the start; nothing is written before. */
  readonly isRestored: boolean;
}

export interface DiskTile {
  /** Over a buffer of its own. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string | null;
}

/** A tile's last use is noted on disk no more often than this. */
const TOUCH_INTERVAL_MS = 600_000;

/**
 * Tiles by group (a version of a cloud) and name (a node).
 *
 * A tile is one file: header and data with digests, checked on every read. It is written under another name
 * and renamed, so a process that is killed leaves a whole record or an orphan, which the next start removes.
 * Reads work from the start: a file is found by its name. The files on disk are counted in the background,
 * and nothing is written before that is done, so the bound always holds. An error of the file system is a
 * miss; a record is removed only if it does not match its digests.
 */
export class DiskTier {
  readonly #files: DiskFiles;
  readonly #layout: DiskLayout;
  readonly #index = new DiskIndex();
  readonly #reads: DiskReads;
  readonly #writes: DiskWrites;
  readonly #run = randomBytes(6).toString('hex');
  readonly #options: Required<
    Pick<DiskTierOptions, 'maxBytes' | 'maxTileBytes' | 'closeTimeoutMs' | 'timing' | 'clock' | 'onProblem'>
  >;
  /** Groups that are being removed. */
  readonly #leaving = new Map<string, number>();
  readonly #background = new Set<Promise<void>>();
  readonly #restoring: Promise<void>;
  #isRestored = false;
  #isClosed = false;
  #stats = { hits: 0, misses: 0, gaveUp: 0, corrupt: 0, failures: 0, skipped: 0 };

  private constructor(options: DiskTierOptions) {
    const {
      folder,
      maxBytes = 4 * 2 ** 30,
      maxTileBytes = 64 * 2 ** 20,
      readTimeoutMs = 100,
      maxReads = 3,
      maxPendingBytes = 64 * 2 ** 20,
      closeTimeoutMs = 2000,
      onProblem = () => {},
      files = NODE_FILES,
      timing = SYSTEM_TIMING,
      clock = Date.now,
    } = options;
    if (folder === '' || folder.includes('\0')) throw new TypeError('`folder` must be the path of a folder');
    checkInteger('maxBytes', maxBytes, 1, Number.MAX_SAFE_INTEGER);
    checkInteger('maxTileBytes', maxTileBytes, 1, 2 ** 31);
    checkInteger('readTimeoutMs', readTimeoutMs, 1, 60_000);
    checkInteger('maxReads', maxReads, 1, 1024);
    checkInteger('maxPendingBytes', maxPendingBytes, 1, 2 ** 40);
    checkInteger('closeTimeoutMs', closeTimeoutMs, 0, 600_000);
    this.#options = { maxBytes, maxTileBytes, closeTimeoutMs, timing, clock, onProblem };
    this.#files = files;
    this.#layout = new DiskLayout(folder);
    this.#reads = new DiskReads({ limit: maxReads, timeoutMs: readTimeoutMs, timing });
    const shared = { files, layout: this.#layout, index: this.#index, run: this.#run };
    this.#writes = new DiskWrites({ ...shared, maxBytes, maxPendingBytes, clock, timing });
    this.#restoring = this.#restore();
  }

  /** Ready at once: what is on disk is counted in the background. */
  static open(options: DiskTierOptions): DiskTier {
    return new DiskTier(options);
  }

  /** A tile; null if it is missing, damaged or not read in time. Rejects only with the signal's reason. */
  async get(
    group: string,
    name: string,
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<DiskTile | null> {
    signal?.throwIfAborted();
    const file = this.#layout.tile(group, name);
    const isAbsent = this.#isRestored && this.#index.get(file) === undefined;
    if (isAbsent || this.#isClosed || this.#leaving.has(group)) return this.#miss();
    const tile = await this.#reads.run(() => this.#read(file, group, name), signal);
    if (tile === GAVE_UP) {
      this.#stats.gaveUp += 1;
      return this.#miss();
    }
    if (tile === null || this.#leaving.has(group)) return this.#miss();
    this.#stats.hits += 1;
    this.#use(file);
    return tile;
  }

  /** Queues a tile for writing. `bytes` must not change or be transferred afterwards. */
  put(
    group: string,
    name: string,
    { bytes, etag }: { readonly bytes: Uint8Array; readonly etag: string | null },
  ): void {
    const isTooLarge = bytes.length > this.#options.maxTileBytes;
    if (isTooLarge || !this.#isRestored || this.#isClosed || this.#leaving.has(group)) {
      this.#stats.skipped += 1;
      return;
    }
    this.#writes.put({ group, name, etag, bytes });
  }

  /** Removes all tiles of a group: none of them is returned after this call. */
  dropGroup(group: string): void {
    this.#leaving.set(group, (this.#leaving.get(group) ?? 0) + 1);
    const done = () => {
      const left = (this.#leaving.get(group) ?? 1) - 1;
      if (left === 0) this.#leaving.delete(group);
      else this.#leaving.set(group, left);
    };
    this.#track(this.#writes.removeGroup(group).then(done));
  }

  stats(): DiskTierStats {
    const { writes, skipped, failures, evictions } = this.#writes.stats;
    return {
      ...this.#stats,
      failures: this.#stats.failures + failures,
      skipped: this.#stats.skipped + skipped,
      writes,
      evictions,
      entries: this.#index.size,
      bytes: this.#writes.bytes,
      maxBytes: this.#options.maxBytes,
      isRestored: this.#isRestored,
    };
  }

  /** Resolves when what was on disk has been counted, and all that is in line has been written or removed. */
  async idle(): Promise<void> {
    await this.#restoring;
    await Promise.all([this.#writes.idle(), this.#reads.idle()]);
    await Promise.all(this.#background);
  }

  /**
   * Closes the tier: reads are misses and writes are skipped from now on. Resolves when no file operation is
   * under way.
   */
  async close(): Promise<void> {
    const { timing, closeTimeoutMs } = this.#options;
    this.#isClosed = true;
    const callOff = timing.after(closeTimeoutMs, () => this.#writes.giveUp());
    await this.idle();
    callOff();
  }

  async #read(file: string, group: string, name: string): Promise<DiskTile | null> {
    let record: Uint8Array;
    try {
      record = await this.#files.read(file, this.#options.maxTileBytes + 2 ** 20);
    } catch (error) {
      if (isMissing(error)) this.#index.delete(file);
      else this.#stats.failures += 1;
      return null;
    }
    const tile = decodeRecord(record, group, name);
    if (tile === null) {
      this.#stats.corrupt += 1;
      this.#writes.remove(file);
    }
    return tile;
  }

  #use(file: string): void {
    const entry = this.#index.get(file);
    const now = this.#options.clock();
    this.#index.use(file);
    if (entry === undefined || now - entry.touchedAt < TOUCH_INTERVAL_MS) return;
    this.#index.set(file, { ...entry, touchedAt: now });
    // Keeps the approximate order of use across restarts. A failure does no harm.
    this.#track(this.#files.touch(file).catch(() => {}));
  }

  /** Registers background work that only `idle` waits for. */
  #track(work: Promise<void>): void {
    const tracked: Promise<void> = work.finally(() => this.#background.delete(tracked));
    this.#background.add(tracked);
  }

  #miss(): null {
    this.#stats.misses += 1;
    return null;
  }

  async #restore(): Promise<void> {
    try {
      await this.#files.makeFolder(this.#layout.temporary);
      const isStopped = () => this.#isClosed;
      const found = await restore({ files: this.#files, layout: this.#layout, run: this.#run, isStopped });
      if (found === null) return;
      for (const [file, entry] of found) this.#index.set(file, entry);
      this.#isRestored = true;
      this.#writes.shrink();
    } catch (error) {
      this.#stats.failures += 1;
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
      this.#options.onProblem(
        `the disk tier at ${this.#layout.folder} keeps nothing: it cannot be read (${code})`,
      );
    }
  }
}
