/** Clouds in a folder of the file system. */
import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  type ByteSource,
  checkPath,
  checkRange,
  type Listing,
  lastRange,
  type ObjectStat,
  ObjectTooLarge,
  type SourceOptions,
  type SourceReadOptions,
  type StoredObject,
} from '../byte-source/index.ts';
import { abortable, isNearboxError, NearboxError } from '../foundation/index.ts';

export interface FolderSourceOptions {
  /** The folder. A relative one starts at the working directory. */
  readonly root: string;
  /** The most bytes that one read takes in, unless the read says otherwise. Default: 256 MiB. */
  readonly maxReadBytes?: number;
  /**
   * Whether links that stay within the folder are followed. If not, they count as absent: a link can lead
   * from one cloud into another. Default: true.
   */
  readonly followLinks?: boolean;
}

const DEFAULT_MAX_READ_BYTES = 256 * 1024 * 1024;

/** The system's clock for dates of files moves on in steps, of 10 ms at most. */
const CLOCK_STEP_MS = 20;

/** Errors that mean `absent`: the name does not exist, cannot exist, is a circle of links, or is a socket. */
const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'ENXIO']);

/**
 * Reads regular files below one folder. Everything else counts as absent: directories, FIFOs, devices, and
 * links that lead out of the folder.
 */
export class FolderSource implements ByteSource {
  readonly label: string;
  readonly rootName: string | null;
  readonly #root: string;
  readonly #maxReadBytes: number;
  readonly #followLinks: boolean;
  readonly #running = new Set<Promise<unknown>>();

  constructor({ root, maxReadBytes = DEFAULT_MAX_READ_BYTES, followLinks = true }: FolderSourceOptions) {
    if (root === '' || root.includes('\0')) throw new TypeError('`root` must be the path of a folder');
    if (!Number.isSafeInteger(maxReadBytes) || maxReadBytes <= 0) {
      throw new TypeError('`maxReadBytes` must be a positive integer');
    }
    this.#root = path.resolve(root);
    this.label = this.#root;
    this.rootName = path.basename(this.#root) || null;
    this.#maxReadBytes = maxReadBytes;
    this.#followLinks = followLinks;
  }

  async read(name: string, options: SourceReadOptions = {}): Promise<StoredObject | null> {
    checkPath(name);
    return this.#guard(name, options, async () => {
      const target = await this.#resolve(name);
      const file = await openToRead(target);
      try {
        return await this.#readOpen(name, target, file, options);
      } finally {
        await file.close();
      }
    });
  }

  async stat(name: string, options: SourceOptions = {}): Promise<ObjectStat | null> {
    checkPath(name);
    return this.#guard(name, options, async () => {
      const target = await this.#resolve(name);
      const stats = await stat(target, { bigint: true });
      if (!stats.isFile()) return null;
      return { ...toObjectStat(stats), ...(await this.#placementOf(name, target, stats)) };
    });
  }

  async list(name: string, options: SourceOptions = {}): Promise<Listing | null> {
    if (name !== '') checkPath(name);
    return this.#guard(name, options, async () => {
      const folders: string[] = [];
      const files: string[] = [];
      for (const entry of await readdir(await this.#resolve(name), { withFileTypes: true })) {
        const kind = entry.isSymbolicLink() ? await this.#linkKind(path.posix.join(name, entry.name)) : entry;
        if (kind?.isDirectory()) folders.push(entry.name);
        else if (kind?.isFile()) files.push(entry.name);
      }
      return { folders: folders.sort(byCodeUnits), files: files.sort(byCodeUnits) };
    });
  }

  /** Resolves when no call is running, including calls whose callers have left. */
  async close(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  async #readOpen(
    name: string,
    target: string,
    file: FileHandle,
    options: SourceReadOptions,
  ): Promise<StoredObject | null> {
    const before = await file.stat({ bigint: true });
    if (!before.isFile()) return null;
    const { size, etag } = toObjectStat(before);
    if (options.ifMatch !== undefined && options.ifMatch !== etag) throw replaced(name);
    if (options.range !== undefined) checkRange(name, options.range, size);
    const tail = options.last === undefined ? undefined : lastRange(name, options.last, size);
    const { offset, length } = options.range ?? tail ?? { offset: 0, length: size };
    const limit = options.maxBytes ?? this.#maxReadBytes;
    if (length > limit) throw new ObjectTooLarge(name, length, limit);

    const bytes = new Uint8Array(length);
    for (let filled = 0; filled < length; ) {
      options.signal?.throwIfAborted();
      const { bytesRead } = await file.read(bytes, filled, length - filled, offset + filled);
      if (bytesRead === 0) throw replaced(name);
      filled += bytesRead;
    }
    // The file was changed during the read: the bytes may be part old, part new.
    const after = await file.stat({ bigint: true });
    if (toObjectStat(after).etag !== etag) throw replaced(name);
    return { bytes, size, etag, ...(await this.#placementOf(name, target, after)) };
  }

  /**
   * When the file was put in its place, and each folder between the root and the file. A rename changes the
   * `ctime` of the file or folder that is renamed, also if it is put back later. A new entry in a folder
   * changes `ctime` and `mtime` of that folder to the same time, which does not count. Empty if a link leads
   * to the file: its target can be changed without a trace.
   */
  async #placementOf(
    name: string,
    target: string,
    file: BigIntStats,
  ): Promise<Pick<ObjectStat, 'placement'>> {
    if (target !== path.join(this.#root, name)) return {};
    const segments = name.split('/').slice(0, -1);
    const folders = await Promise.all(
      segments.map((_, i) => stat(path.join(this.#root, ...segments.slice(0, i + 1)), { bigint: true })),
    );
    const renames = folders.map(({ ctimeNs, mtimeNs }) => (ctimeNs === mtimeNs ? 0n : ctimeNs));
    const token = [file, ...folders]
      .map(({ ino }, i) => `${ino.toString(36)}-${(i === 0 ? file.ctimeNs : renames[i - 1]!).toString(36)}`)
      .join('/');
    const latestMs = Math.max(...[file.ctimeNs, ...renames].map((ns) => Number(ns) / 1e6));
    const settlesInMs = Math.ceil(latestMs + CLOCK_STEP_MS - Date.now());
    return { placement: { token, settlesInMs: Math.min(CLOCK_STEP_MS, Math.max(0, settlesInMs)) } };
  }

  /**
   * The real path, all links followed. Absent if it lies outside of the root, or a link leads to it that is
   * not to be followed.
   */
  async #resolve(name: string): Promise<string> {
    // Resolved each time, because links can be changed, the root's own included.
    const found = await Promise.allSettled([this.#realRoot(), realpath(path.join(this.#root, name))]);
    // If the root is gone, the file is gone too: report the root, whichever fails first.
    const [root, target] = found.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    }) as [string, string];
    if (target !== root && !target.startsWith(root.endsWith(path.sep) ? root : root + path.sep)) {
      throw Object.assign(new Error('leads out of the root'), { code: 'ENOENT' });
    }
    if (!this.#followLinks && target !== path.join(root, name)) {
      throw Object.assign(new Error('is a link, or lies behind one'), { code: 'ENOENT' });
    }
    return target;
  }

  async #realRoot(): Promise<string> {
    try {
      return await realpath(this.#root);
    } catch (cause) {
      throw new NearboxError('source_unavailable', `the folder ${this.#root} cannot be read`, { cause });
    }
  }

  async #linkKind(name: string) {
    try {
      return await stat(await this.#resolve(name));
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  }

  async #guard<T>(name: string, { signal }: SourceOptions, work: () => Promise<T>): Promise<T | null> {
    signal?.throwIfAborted();
    const working = work();
    this.#running.add(working);
    const done = () => this.#running.delete(working);
    working.then(done, done);
    try {
      // A read from a hung disk cannot be cancelled; the caller does not wait for it.
      return await abortable(working, signal);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (isAbsent(error)) return null;
      if (isNearboxError(error)) throw error;
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
      throw new NearboxError('source_unavailable', `${name || 'the root'} cannot be read (${code})`, {
        cause: error,
      });
    }
  }
}

/** Opens without following a last link and without waiting for a FIFO's writer. */
function openToRead(target: string): Promise<FileHandle> {
  return open(target, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0));
}

/**
 * Size, time of last change and inode: enough to notice a replacement, and never part of a cloud's version.
 */
function toObjectStat({ size, mtimeNs, ino }: BigIntStats): ObjectStat {
  return { size: Number(size), etag: `"${size.toString(36)}-${mtimeNs.toString(36)}-${ino.toString(36)}"` };
}

function replaced(name: string): NearboxError {
  return new NearboxError('cloud_changed', `${name} was replaced while it was read`);
}

function isAbsent(error: unknown): boolean {
  return ABSENT.has((error as NodeJS.ErrnoException | null)?.code ?? '');
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
