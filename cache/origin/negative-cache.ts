/** Remembers for a short while that an object is not there. */
import type {
  ByteSource,
  Listing,
  ObjectStat,
  ReadOptions,
  SourceOptions,
  StoredObject,
} from '../byte-source/index.ts';
import { checkInteger, SYSTEM_TIMING, type Timing } from '../foundation/index.ts';

export interface NegativeCacheOptions {
  /** How long a missing object is believed to be missing, milliseconds; 0 turns this off. Default: 2000. */
  readonly ttlMs?: number;
  /** The most paths that are remembered. Default: 10000. */
  readonly maxPaths?: number;
  /** Default: the system's clock. */
  readonly timing?: Pick<Timing, 'now'>;
}

/**
 * Wraps a source: what it said is not there (`null`, a true 404) is not asked for again for a while. Nothing else is remembered, least of all a
 * failure. What is looked for where it may not be (which format a cloud has, a cloud that is gone) is so looked for once and not with every click.
 */
export class NegativeCache implements ByteSource {
  readonly label: string;
  readonly rootName: string | null;
  readonly list?: (path: string, options?: SourceOptions) => Promise<Listing | null>;
  readonly #source: ByteSource;
  readonly #ttlMs: number;
  readonly #maxPaths: number;
  readonly #timing: Pick<Timing, 'now'>;
  /** When each path was found missing, longest ago first. */
  readonly #absentSince = new Map<string, number>();

  constructor(
    source: ByteSource,
    { ttlMs = 2000, maxPaths = 10_000, timing = SYSTEM_TIMING }: NegativeCacheOptions = {},
  ) {
    checkInteger('ttlMs', ttlMs, 0, 3_600_000);
    checkInteger('maxPaths', maxPaths, 1, 10_000_000);
    this.#source = source;
    this.#ttlMs = ttlMs;
    this.#maxPaths = maxPaths;
    this.#timing = timing;
    this.label = source.label;
    this.rootName = source.rootName;
    const list = source.list?.bind(source);
    if (list !== undefined) this.list = list;
  }

  read(path: string, options?: ReadOptions): Promise<StoredObject | null> {
    return this.#ask(path, options, () => this.#source.read(path, options));
  }

  stat(path: string, options?: SourceOptions): Promise<ObjectStat | null> {
    return this.#ask(path, options, () => this.#source.stat(path, options));
  }

  async #ask<T>(
    path: string,
    options: SourceOptions | undefined,
    send: () => Promise<T | null>,
  ): Promise<T | null> {
    options?.signal?.throwIfAborted();
    const since = this.#absentSince.get(path);
    if (since !== undefined) {
      if (this.#timing.now() - since < this.#ttlMs) return null;
      this.#absentSince.delete(path);
    }
    const asked = this.#timing.now();
    const found = await send();
    if (found !== null) this.#absentSince.delete(path);
    else if (this.#ttlMs > 0) this.#remember(path, asked);
    return found;
  }

  #remember(path: string, since: number): void {
    this.#absentSince.delete(path);
    this.#absentSince.set(path, since);
    if (this.#absentSince.size <= this.#maxPaths) return;
    for (const oldest of this.#absentSince.keys()) {
      this.#absentSince.delete(oldest);
      return;
    }
  }
}
