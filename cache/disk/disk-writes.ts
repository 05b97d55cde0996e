/** Writes to the tier's folder, one record at a time, after making room for it. */
import path from 'node:path';
import type { Timing } from '../foundation/index.ts';
import type { DiskFiles } from './disk-files.ts';
import { isMissing } from './disk-files.ts';
import { type DiskIndex, diskBytes } from './disk-index.ts';
import type { DiskLayout } from './disk-layout.ts';
import { encodeHeader, recordLength, type TileRecord } from './record.ts';

export interface DiskWritesOptions {
  readonly files: DiskFiles;
  readonly layout: DiskLayout;
  readonly index: DiskIndex;
  readonly run: string;
  /** The most that all files together may take. */
  readonly maxBytes: number;
  /** The most that records waiting to be written may take in memory. */
  readonly maxPendingBytes: number;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly timing: Timing;
}

/** A piece of work that takes longer is left to itself, and the next in line begins, milliseconds. */
const HUNG_AFTER_MS = 10_000;
/** With this many hung operations, no more are started: each holds one of Node's few file threads. */
const MAX_HUNG = 2;

interface Pending {
  readonly record: TileRecord;
  isCancelled: boolean;
}

export class DiskWrites {
  readonly #options: DiskWritesOptions;
  readonly #pending = new Set<Pending>();
  /** Taken from the disk, but not in the index: files being written or removed. */
  #unindexed = 0;
  #pendingBytes = 0;
  #names = 0;
  #tail: Promise<void> = Promise.resolve();
  /** Work that has taken too long and has not returned. */
  readonly #hung = new Set<Promise<unknown>>();
  readonly stats = { writes: 0, skipped: 0, failures: 0, evictions: 0 };

  constructor(options: DiskWritesOptions) {
    this.#options = options;
  }

  /** Bytes that the tier takes from the disk, what is on its way in or out included. */
  get bytes(): number {
    return this.#options.index.bytes + this.#unindexed;
  }

  /** Queues a record. Skips it if too much is queued or if it is larger than the whole tier. */
  put(record: TileRecord): void {
    const { maxBytes, maxPendingBytes } = this.#options;
    const size = record.bytes.length;
    if (this.#pendingBytes + size > maxPendingBytes || diskBytes(recordLength(record)) > maxBytes) {
      this.stats.skipped += 1;
      return;
    }
    const pending: Pending = { record, isCancelled: false };
    this.#pending.add(pending);
    this.#pendingBytes += size;
    this.#enqueue(async () => {
      try {
        if (!pending.isCancelled) await this.#write(pending);
      } finally {
        this.#pending.delete(pending);
        this.#pendingBytes -= size;
      }
    });
  }

  /** Removes one tile. */
  remove(file: string): void {
    this.#enqueue(() => this.#discard(file));
  }

  /**
   * Removes a group. It is renamed first, so after a crash a later run finds either the whole group or none
   * of it.
   */
  removeGroup(group: string): Promise<void> {
    const { files, layout, index } = this.#options;
    for (const pending of this.#pending) if (pending.record.group === group) pending.isCancelled = true;
    const folder = layout.groupFolder(group);
    let bytes = 0;
    for (const file of index.below(folder + path.sep)) bytes += index.delete(file)?.bytes ?? 0;
    this.#unindexed += bytes;
    this.#enqueue(async () => {
      try {
        const away = this.#newTemporary();
        await files.makeFolder(layout.temporary);
        await files.rename(folder, away);
        await files.removeFolder(away);
      } catch (error) {
        if (!isMissing(error)) throw error;
      } finally {
        this.#unindexed -= bytes;
      }
    });
    return this.#tail;
  }

  /** Evicts until the bound is kept: after a start with a smaller one. */
  shrink(): void {
    this.#enqueue(() => this.#makeRoom(0));
  }

  /** Drops what is queued; the record that is being written is removed again. */
  giveUp(): void {
    for (const pending of this.#pending) pending.isCancelled = true;
  }

  /** Resolves when all that is in line now is done, hung work included. */
  async idle(): Promise<void> {
    await this.#tail;
    await Promise.all(this.#hung);
  }

  /** Runs one piece of work after the other; a failure is counted and does not stop the next. */
  #enqueue(work: () => Promise<unknown>): void {
    const next = async () => {
      while (this.#hung.size >= MAX_HUNG) await Promise.race(this.#hung);
      await this.#inTime(work());
    };
    this.#tail = this.#tail.then(next).then(
      () => {},
      () => {
        this.stats.failures += 1;
      },
    );
  }

  /** Settles as `work` does, or rejects once it hangs: then the work goes on by itself. */
  #inTime(work: Promise<unknown>): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancelTimer = this.#options.timing.after(HUNG_AFTER_MS, () => {
        const ended = work.then(
          () => {},
          () => {},
        );
        const hung: Promise<void> = ended.finally(() => this.#hung.delete(hung));
        this.#hung.add(hung);
        reject(new Error(`the disk has not answered for ${HUNG_AFTER_MS} ms`));
      });
      work.then(
        () => {
          cancelTimer();
          resolve();
        },
        (error: unknown) => {
          cancelTimer();
          reject(error);
        },
      );
    });
  }

  async #write(pending: Pending): Promise<void> {
    const { files, layout, index, clock } = this.#options;
    const { record } = pending;
    const file = layout.tile(record.group, record.name);
    const bytes = diskBytes(recordLength(record));
    if (!(await this.#makeRoom(bytes))) {
      this.stats.skipped += 1;
      return;
    }
    this.#unindexed += bytes;
    const temporary = this.#newTemporary();
    try {
      await files.makeFolder(layout.temporary);
      await files.makeFolder(layout.groupFolder(record.group));
      // No fsync: digests reveal a record that a power failure left incomplete.
      await files.write(temporary, [encodeHeader(record), record.bytes]);
      if (pending.isCancelled) throw new Error('the group was dropped');
      await files.rename(temporary, file);
      if (pending.isCancelled) {
        await files.unlink(file);
        return;
      }
      index.set(file, { bytes, touchedAt: clock() });
      this.stats.writes += 1;
    } catch (error) {
      await files.unlink(temporary).catch(() => {});
      if (pending.isCancelled) return;
      // The disk is full, perhaps because of other programs: make room for the next write.
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') await this.#evict(2 * bytes);
      throw error;
    } finally {
      this.#unindexed -= bytes;
    }
  }

  async #makeRoom(bytes: number): Promise<boolean> {
    const over = () => this.bytes + bytes - this.#options.maxBytes;
    while (over() > 0) if (!(await this.#evict(over()))) return false;
    return true;
  }

  /** Evicts at least `bytes`, least recently used first; false if there was nothing, or it would not go. */
  async #evict(bytes: number): Promise<boolean> {
    for (let freed = 0; freed < bytes; ) {
      const oldest = this.#options.index.oldest();
      if (oldest === undefined) return freed > 0;
      const [file, entry] = oldest;
      if (!(await this.#discard(file))) return false;
      this.stats.evictions += 1;
      freed += entry.bytes;
    }
    return true;
  }

  /** Removes a file; its bytes count until it is gone. */
  async #discard(file: string): Promise<boolean> {
    const { files, index } = this.#options;
    const entry = index.delete(file);
    this.#unindexed += entry?.bytes ?? 0;
    try {
      await files.unlink(file);
      return true;
    } catch (error) {
      if (isMissing(error)) return true;
      if (entry !== undefined) index.set(file, entry);
      return false;
    } finally {
      this.#unindexed -= entry?.bytes ?? 0;
    }
  }

  #newTemporary(): string {
    this.#names += 1;
    return path.join(this.#options.layout.temporary, `${this.#options.run}-${this.#names}`);
  }
}
