/**
 * Points during a build: in memory up to a limit, beyond it in a temporary file. The file holds blocks, each
 * with the raw columns one after the other in this machine's byte order.
 */
import { type FileHandle, open, rm } from 'node:fs/promises';
import { type Attribute, BuildColumns, type IntensityKind } from './columns.ts';

export interface PointStoreOptions {
  readonly intensity: IntensityKind | null;
  readonly attributes?: readonly Attribute[];
  /** Points in memory before they are written to the file as one block. */
  readonly blockPoints: number;
  /** The temporary file; it is created when it is first needed. */
  readonly path: string;
  /** Expected number of points: memory for them is allocated at once, but for at most one block. */
  readonly expected?: number;
}

const SMALLEST_CAPACITY = 1024;
const SMALL_BLOCK = 65_536;

export class PointStore {
  readonly #options: PointStoreOptions;
  readonly #blocks: number[] = [];
  #columns: BuildColumns;
  /** Points that are no longer in memory. */
  #flushed = 0;
  #written = false;
  /** Indices of the attributes that are given back; null: all. */
  #selected: readonly number[] | null = null;

  constructor(options: PointStoreOptions) {
    this.#options = options;
    const capacity = Math.max(options.expected ?? 0, SMALLEST_CAPACITY);
    this.#columns = this.#allocate(Math.min(capacity, options.blockPoints));
  }

  /** Points appended so far, also after `discard`. */
  get count(): number {
    return this.#flushed + this.#columns.count;
  }

  /** True once there is no room for another point: `await flush()` then. */
  get full(): boolean {
    return this.#columns.count >= this.#options.blockPoints;
  }

  /**
   * The columns to put the next points into, with room for one or more, and for `points` unless that is more
   * than a block; only while not `full`. Whoever puts points there raises their `count`.
   */
  next(points = 1): BuildColumns {
    const { count } = this.#columns;
    const capacity = BuildColumns.capacity(this.#columns);
    if (count + points > capacity && capacity < this.#options.blockPoints) {
      const larger = Math.min(Math.max(2 * count, count + points), this.#options.blockPoints);
      this.#columns = BuildColumns.grow(this.#columns, larger);
    }
    return this.#columns;
  }

  /** Appends point `index` of `from`; only while not `full`. */
  append(from: BuildColumns, index: number): void {
    BuildColumns.push(this.next(), from, index);
  }

  /** Moves the points in memory to the file. */
  async flush(): Promise<void> {
    const { count } = this.#columns;
    if (count === 0) return;
    const file = await open(this.#options.path, this.#written ? 'a' : 'wx');
    try {
      const parts = BuildColumns.arrays(this.#columns).map((array) => bytesOf(array.subarray(0, count)));
      // One call for all columns of the blocks of subtrees, which are small and many.
      if (count <= SMALL_BLOCK) await file.appendFile(Buffer.concat(parts));
      else for (const part of parts) await file.appendFile(part);
    } finally {
      await file.close();
    }
    this.#written = true;
    this.#blocks.push(count);
    this.#flushed += count;
    this.#columns.count = 0;
  }

  /** From now on, points have only these attributes, by their indices. No points may follow. */
  select(attributes: readonly number[]): void {
    this.#selected = attributes;
  }

  /** All points in one piece, which must fit into memory. */
  async load(): Promise<BuildColumns> {
    if (!this.#written) return this.#selection(this.#columns);
    const { intensity, attributes = [] } = this.#options;
    const kept = this.#selected?.map((index) => attributes[index]!) ?? attributes;
    const all = BuildColumns.allocate(this.count, intensity, kept);
    for await (const block of this.blocks()) {
      BuildColumns.append(all, block);
    }
    return all;
  }

  /** Yields the points block by block, in their order; a block is valid until the next one. */
  async *blocks(): AsyncGenerator<BuildColumns> {
    if (this.#written) {
      const block = this.#allocate(Math.max(...this.#blocks));
      const file = await open(this.#options.path, 'r');
      try {
        let position = 0;
        for (const count of this.#blocks) {
          block.count = count;
          const wanted = new Set<unknown>(BuildColumns.arrays(this.#selection(block)));
          for (const array of BuildColumns.arrays(block)) {
            const bytes = bytesOf(array.subarray(0, count));
            if (wanted.has(array)) await readFully(file, bytes, position);
            position += bytes.length;
          }
          yield this.#selection(block);
        }
      } finally {
        await file.close();
      }
    }
    if (this.#columns.count > 0) yield this.#selection(this.#columns);
  }

  #selection(columns: BuildColumns): BuildColumns {
    if (this.#selected === null) return columns;
    return { ...columns, attributes: this.#selected.map((index) => columns.attributes[index]!) };
  }

  #allocate(capacity: number): BuildColumns {
    return BuildColumns.allocate(capacity, this.#options.intensity, this.#options.attributes);
  }

  /** Frees memory and file. */
  async discard(): Promise<void> {
    this.#flushed = this.count;
    this.#columns = this.#allocate(0);
    if (this.#written) await rm(this.#options.path, { force: true });
  }
}

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

async function readFully(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, position + done);
    if (bytesRead === 0) throw new Error(`a temporary file ends early, at byte ${position + done}`);
    done += bytesRead;
  }
}
