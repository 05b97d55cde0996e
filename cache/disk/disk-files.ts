/** The few things the disk tier asks of a file system: a seam, so that tests can make it fail. */
import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises';

export interface DiskFiles {
  /**
   * A whole file, or nothing of it if it has more than `limit` bytes; rejects with ENOENT if there is none.
   */
  read(path: string, limit: number): Promise<Uint8Array>;
  /** Writes a file that must not exist. */
  write(path: string, parts: readonly Uint8Array[]): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Makes a folder and those above it; no error if it is there. */
  makeFolder(path: string): Promise<void>;
  /** Removes a folder with all that is in it; no error if it is not there. */
  removeFolder(path: string): Promise<void>;
  /** Names in a folder; none if it is not there. */
  list(path: string): Promise<string[]>;
  /** Size in bytes and time of the last write in ms; null if it is not there. */
  stat(path: string): Promise<{ readonly size: number; readonly mtimeMs: number } | null>;
  /** Notes that a file was used now. */
  touch(path: string): Promise<void>;
}

/** Does not wait for the writer of a FIFO that lies where a tile should be, and follows no link. */
const READ_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

export const NODE_FILES: DiskFiles = {
  async read(path, limit) {
    const file = await open(path, READ_FLAGS);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) return new Uint8Array(0);
      const { size } = stats;
      if (size > limit) return new Uint8Array(0);
      const bytes = new Uint8Array(size);
      let filled = 0;
      while (filled < size) {
        const { bytesRead } = await file.read(bytes, filled, size - filled, filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return bytes.subarray(0, filled);
    } finally {
      await file.close();
    }
  },

  async write(path, parts) {
    const file = await open(path, 'wx');
    try {
      let position = 0;
      for (const part of parts) {
        for (let written = 0; written < part.length; ) {
          const { bytesWritten } = await file.write(part, written, part.length - written, position);
          written += bytesWritten;
          position += bytesWritten;
        }
      }
    } finally {
      await file.close();
    }
  },

  rename,
  unlink,

  async makeFolder(path) {
    await mkdir(path, { recursive: true });
  },

  async removeFolder(path) {
    await rm(path, { recursive: true, force: true });
  },

  async list(path) {
    try {
      return await readdir(path);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  },

  async stat(path) {
    try {
      const { size, mtimeMs } = await stat(path);
      return { size, mtimeMs };
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  },

  async touch(path) {
    const file = await open(path, 'r+');
    try {
      const now = new Date();
      await file.utimes(now, now);
    } finally {
      await file.close();
    }
  },
};

export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
