/** A byte source held by a test's hand. */
import { createHash } from 'node:crypto';
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
import { NearboxError } from '../foundation/index.ts';

export interface MemorySourceOptions {
  readonly rootName?: string;
  /** Default: true. */
  readonly hasEtags?: boolean;
  /**
   * Whether the same bytes get the same ETag again, as in S3. Default: false, every `put` makes a new one.
   */
  readonly hasContentEtags?: boolean;
  /**
   * With it, the store says for how long objects have been there, as object stores do. Milliseconds. Default:
   * it does not.
   */
  readonly clock?: () => number;
}

interface StoredInMemory {
  readonly bytes: Uint8Array;
  readonly etag: string | null;
  readonly putAt: number;
}

/** Objects in memory. Counts what is read, can hold reads until let go, and can be made to fail. */
export class MemorySource implements ByteSource {
  readonly label = 'memory';
  readonly rootName: string | null;
  /** How often each path was read. */
  readonly reads = new Map<string, number>();
  /**
   * Called before each read, with its path; what it returns is waited for, what it throws is the read's
   * failure.
   */
  onRead: ((path: string, signal: AbortSignal | undefined) => void | Promise<void>) | null = null;
  readonly #objects = new Map<string, StoredInMemory>();
  readonly #hasEtags: boolean;
  readonly #hasContentEtags: boolean;
  readonly #clock: (() => number) | null;
  #writes = 0;

  constructor(files: Iterable<readonly [string, Uint8Array]> = [], options: MemorySourceOptions = {}) {
    this.rootName = options.rootName ?? null;
    this.#hasEtags = options.hasEtags ?? true;
    this.#hasContentEtags = options.hasContentEtags ?? false;
    this.#clock = options.clock ?? null;
    for (const [path, bytes] of files) this.put(path, bytes);
  }

  put(path: string, bytes: Uint8Array): void {
    this.#writes += 1;
    const tag = this.#hasContentEtags ? createHash('md5').update(bytes).digest('hex') : this.#writes;
    const etag = this.#hasEtags ? `"${tag}"` : null;
    this.#objects.set(path, { bytes, etag, putAt: this.#clock?.() ?? 0 });
  }

  remove(path: string): void {
    this.#objects.delete(path);
  }

  /** The stored bytes, uncounted. */
  peek(path: string): Uint8Array | undefined {
    return this.#objects.get(path)?.bytes;
  }

  /** All reads so far. */
  get readCount(): number {
    return [...this.reads.values()].reduce((total, count) => total + count, 0);
  }

  async read(
    path: string,
    { signal, range, last, ifMatch, maxBytes }: SourceReadOptions = {},
  ): Promise<StoredObject | null> {
    checkPath(path);
    signal?.throwIfAborted();
    this.reads.set(path, (this.reads.get(path) ?? 0) + 1);
    await this.onRead?.(path, signal);
    signal?.throwIfAborted();
    const object = this.#objects.get(path);
    if (object === undefined) return null;
    const size = object.bytes.byteLength;
    if (ifMatch !== undefined && ifMatch !== object.etag)
      throw new NearboxError('cloud_changed', `${path} was replaced`);
    if (range !== undefined) checkRange(path, range, size);
    const tail = last === undefined ? undefined : lastRange(path, last, size);
    const { offset, length } = range ?? tail ?? { offset: 0, length: size };
    if (maxBytes !== undefined && length > maxBytes) throw new ObjectTooLarge(path, length, maxBytes);
    const bytes = new Uint8Array(object.bytes.subarray(offset, offset + length));
    return { bytes, ...this.#statOf(object) };
  }

  async stat(path: string, { signal }: SourceOptions = {}): Promise<ObjectStat | null> {
    checkPath(path);
    signal?.throwIfAborted();
    const object = this.#objects.get(path);
    return object === undefined ? null : this.#statOf(object);
  }

  #statOf({ bytes, etag, putAt }: StoredInMemory): ObjectStat {
    const stat = { size: bytes.byteLength, etag };
    return this.#clock === null
      ? stat
      : { ...stat, placement: { token: `${putAt}`, settlesInMs: 0 }, unchangedMs: this.#clock() - putAt };
  }

  async list(path: string, { signal }: SourceOptions = {}): Promise<Listing | null> {
    if (path !== '') checkPath(path);
    signal?.throwIfAborted();
    const base = path === '' ? '' : `${path}/`;
    const folders = new Set<string>();
    const files = new Set<string>();
    for (const name of this.#objects.keys()) {
      if (!name.startsWith(base)) continue;
      const [first, ...rest] = name.slice(base.length).split('/');
      (rest.length > 0 ? folders : files).add(first!);
    }
    if (folders.size + files.size === 0 && path !== '') return null;
    return { folders: [...folders].sort(), files: [...files].sort() };
  }
}
