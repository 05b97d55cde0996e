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
  type ReadOptions,
  type SourceOptions,
  type StoredObject,
} from '../byte-source/index.ts';
import { isNearboxError, NearboxError } from '../foundation/index.ts';

export interface FolderSourceOptions {
  /** The folder. A relative one starts at the working directory. */
  readonly root: string;
  /** The most bytes that one read takes in, unless the read says otherwise. Default: 256 MiB. */
  readonly maxReadBytes?: number;
}

const DEFAULT_MAX_READ_BYTES = 256 * 1024 * 1024;

/** Nothing to read is there: the name does not exist, cannot exist, leads in a circle, or is that of a socket. */
const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'ENXIO']);

/**
 * Reads regular files below one folder and nothing else: a link that leads out of it, a directory, a FIFO or a device is as good as absent.
 */
export class FolderSource implements ByteSource {
  readonly label: string;
  readonly rootName: string | null;
  readonly #root: string;
  readonly #maxReadBytes: number;

  constructor({ root, maxReadBytes = DEFAULT_MAX_READ_BYTES }: FolderSourceOptions) {
    if (root === '' || root.includes('\0')) throw new TypeError('`root` must be the path of a folder');
    if (!Number.isSafeInteger(maxReadBytes) || maxReadBytes <= 0) {
      throw new TypeError('`maxReadBytes` must be a positive integer');
    }
    this.#root = path.resolve(root);
    this.label = this.#root;
    this.rootName = path.basename(this.#root) || null;
    this.#maxReadBytes = maxReadBytes;
  }

  async read(name: string, options: ReadOptions = {}): Promise<StoredObject | null> {
    checkPath(name);
    return this.#guard(name, options, async () => {
      const file = await this.#open(name);
      try {
        return await this.#readOpen(name, file, options);
      } finally {
        await file.close();
      }
    });
  }

  async stat(name: string, options: SourceOptions = {}): Promise<ObjectStat | null> {
    checkPath(name);
    return this.#guard(name, options, async () => {
      const stats = await stat(await this.#resolve(name), { bigint: true });
      return stats.isFile() ? toObjectStat(stats) : null;
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

  async #readOpen(name: string, file: FileHandle, options: ReadOptions): Promise<StoredObject | null> {
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
    // Written to while it was read: what we hold may be half old, half new.
    if (toObjectStat(await file.stat({ bigint: true })).etag !== etag) throw replaced(name);
    return { bytes, size, etag };
  }

  /** Opens without following a last link and without waiting for a FIFO's writer. */
  async #open(name: string): Promise<FileHandle> {
    const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);
    return open(await this.#resolve(name), flags);
  }

  /** The real path, all links followed. Absent if it lies outside of the root. */
  async #resolve(name: string): Promise<string> {
    // Each time anew: links may have been turned elsewhere, the root's own as well.
    const found = await Promise.allSettled([this.#realRoot(), realpath(path.join(this.#root, name))]);
    // Of a root that is gone nothing below is there either: whichever is heard of first, the root is what is told of.
    const [root, target] = found.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    }) as [string, string];
    if (target !== root && !target.startsWith(root.endsWith(path.sep) ? root : root + path.sep)) {
      throw Object.assign(new Error('leads out of the root'), { code: 'ENOENT' });
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
    try {
      const result = await work();
      signal?.throwIfAborted();
      return result;
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

/** Size, time of last change and inode: enough to notice a replacement, and never part of a cloud's version. */
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
