/**
 * Documents as files of one folder, which belongs to this process. Every write is an atomic replacement that
 * is on the disk.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { abortable, checkPath, NearboxError } from '../../cache/index.ts';
import {
  type DocumentOptions,
  type DocumentPage,
  type DocumentPageOptions,
  type DocumentStore,
  type Precondition,
  PreconditionFailed,
  type StoredDocument,
} from './document-store.ts';
import { type FolderLock, lockFolder } from './folder-lock.ts';

/** Where files are written before they get their names. Keys never begin with `~`. */
const UNFINISHED = '~unfinished';

/** A disk that is full, a user or a process that may not write as much. */
const NO_ROOM = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** Folders and files that one page looks at. */
const MAX_ENTRIES_A_PAGE = 20_000;

export class FolderDocuments implements DocumentStore {
  readonly label: string;
  readonly #folder: string;
  readonly #lock: FolderLock;
  /** By key: the last write that was begun. The next one waits for it. */
  readonly #writes = new Map<string, Promise<unknown>>();

  private constructor(folder: string, lock: FolderLock) {
    this.label = folder;
    this.#folder = folder;
    this.#lock = lock;
  }

  /**
   * Makes the folder if it is missing. @throws NearboxError `source_unavailable` if it cannot be used, or
   * another process has it.
   */
  static async open(folder: string): Promise<FolderDocuments> {
    const root = path.resolve(folder);
    return storageCall(root, async () => {
      await mkdir(root, { recursive: true });
      const lock = await lockFolder(root);
      // Unfinished writes of a process that died were never acknowledged.
      await rm(path.join(root, UNFINISHED), { recursive: true, force: true });
      await mkdir(path.join(root, UNFINISHED));
      return new FolderDocuments(root, lock);
    });
  }

  async read(key: string, { signal }: DocumentOptions = {}): Promise<StoredDocument | null> {
    const file = this.#fileOf(key);
    signal?.throwIfAborted();
    return abortable(
      storageCall(this.label, () => readDocument(file)),
      signal,
    );
  }

  async write(
    key: string,
    bytes: Uint8Array,
    precondition: Precondition,
    { signal }: DocumentOptions = {},
  ): Promise<{ readonly etag: string }> {
    const file = this.#fileOf(key);
    signal?.throwIfAborted();
    const writing = this.#inTurn(key, async () => {
      requireState(key, await readDocument(file), precondition);
      await this.#replace(file, bytes);
      return { etag: etagOf(bytes) };
    });
    return abortable(writing, signal);
  }

  async remove(key: string, ifMatch: string, { signal }: DocumentOptions = {}): Promise<void> {
    const file = this.#fileOf(key);
    signal?.throwIfAborted();
    const removing = this.#inTurn(key, async () => {
      requireState(key, await readDocument(file), { ifMatch });
      await rm(file);
      await syncFolder(path.dirname(file));
    });
    return abortable(removing, signal);
  }

  async list({ prefix, after, limit, signal }: DocumentPageOptions): Promise<DocumentPage> {
    return storageCall(this.label, async () => {
      const keys: string[] = [];
      let looked = 0;
      let last = '';
      for await (const key of this.#walk('', prefix, after ?? '', () => {
        signal?.throwIfAborted();
        looked += 1;
      })) {
        if (keys.length >= limit) return { keys, next: last };
        last = key;
        keys.push(key);
        if (looked > MAX_ENTRIES_A_PAGE) return { keys, next: last };
      }
      return { keys, next: null };
    });
  }

  /** Waits for the writes that have begun, and gives the folder to whoever wants it next. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#writes.values());
    await this.#lock.release();
  }

  #fileOf(key: string): string {
    checkPath(key);
    return path.join(this.#folder, ...key.split('/'));
  }

  #inTurn<Value>(key: string, work: () => Promise<Value>): Promise<Value> {
    const before = this.#writes.get(key) ?? Promise.resolve();
    const run = before.then(
      () => storageCall(this.label, work),
      () => storageCall(this.label, work),
    );
    this.#writes.set(key, run);
    const forget = () => {
      if (this.#writes.get(key) === run) this.#writes.delete(key);
    };
    run.then(forget, forget);
    return run;
  }

  async #replace(file: string, bytes: Uint8Array): Promise<void> {
    const unfinished = path.join(this.#folder, UNFINISHED, randomUUID());
    try {
      const handle = await open(unfinished, 'wx');
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await makeFolder(path.dirname(file), this.#folder);
      await rename(unfinished, file);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
    await syncFolder(path.dirname(file));
  }

  /**
   * Keys of files in the order of their text, as an object store lists them: a folder sorts with the slash
   * behind its name.
   */
  async *#walk(folder: string, prefix: string, after: string, onLook: () => void): AsyncGenerator<string> {
    const entries = await listFolder(path.join(this.#folder, folder));
    const names = entries
      .filter(({ name }) => folder !== '' || !name.startsWith('~'))
      .map((entry) => ({ isFolder: entry.isDirectory(), key: `${folder}${entry.name}`, entry }))
      .map(({ isFolder, key, entry }) => ({ isFolder, entry, key: isFolder ? `${key}/` : key }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    for (const { isFolder, entry, key } of names) {
      onLook();
      if (isFolder) {
        const mayMatch = key.startsWith(prefix) || prefix.startsWith(key);
        const isBefore = key < after && !after.startsWith(key);
        if (mayMatch && !isBefore) yield* this.#walk(key, prefix, after, onLook);
      } else if (entry.isFile() && key.startsWith(prefix) && key > after) yield key;
    }
  }
}

async function listFolder(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

async function readDocument(file: string): Promise<StoredDocument | null> {
  try {
    const bytes = await readFile(file);
    return { bytes, etag: etagOf(bytes) };
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'].includes(codeOf(error))) return null;
    throw error;
  }
}

function requireState(key: string, present: StoredDocument | null, precondition: Precondition): void {
  const holds = 'ifAbsent' in precondition ? present === null : present?.etag === precondition.ifMatch;
  if (!holds) throw new PreconditionFailed(key, present?.etag ?? null);
}

/** Of the content: a state that comes back has its old tag back. */
function etagOf(bytes: Uint8Array): string {
  return `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 32)}"`;
}

/** Makes the folder and those above it, up to `root`, and puts each new name on the disk. */
async function makeFolder(folder: string, root: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  for (let made = folder; made !== root; made = path.dirname(made)) await syncFolder(path.dirname(made));
}

/** A file's name is on the disk when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}

/** What the file system refuses is `source_unavailable`; other errors pass. */
async function storageCall<Value>(label: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NearboxError || codeOf(error) === '' || codeOf(error).startsWith('ERR_'))
      throw error;
    const message = NO_ROOM.includes(codeOf(error))
      ? 'no room is left on the disk'
      : (error as Error).message;
    throw new NearboxError('source_unavailable', `${label}: ${message}`, { cause: error });
  }
}
