/**
 * Points during a build: in memory up to a limit, beyond it in a temporary file. The file holds blocks, each
 * with the raw columns one after the other in this machine's byte order. It is written and read by calls that
 * block: nothing else is to be done meanwhile, and a call that does not block takes more processor time than
 * a small block.
 */
import { closeSync, openSync, readSync, rmSync, writevSync } from 'node:fs';
import { ColumnScratch } from './column-scratch.ts';
import { type Attribute, BuildColumns, type IntensityKind, type PlaceColumns } from './columns.ts';

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

/** A block of the file. */
interface StoredBlock {
  readonly count: number;
  /** For each column, whether it is in the file; one that is not has nothing but 0. */
  readonly isStored: readonly boolean[];
}

const SMALLEST_CAPACITY = 1024;
/** x, y and z come first. */
const PLACE_COLUMNS = 3;

export class PointStore {
  readonly #options: PointStoreOptions;
  readonly #blocks: StoredBlock[] = [];
  #columns: BuildColumns;
  /** Points that are no longer in memory. */
  #flushed = 0;
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

  /** True once there is no room for another point: `flush()` then. */
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

  /** Appends these points of `from`, as many as there are. */
  appendAll(from: BuildColumns, points: Uint32Array): void {
    for (let next = 0; next < points.length; ) {
      if (this.full) this.flush();
      const columns = this.next(points.length - next);
      const room = Math.min(BuildColumns.capacity(columns) - columns.count, points.length - next);
      BuildColumns.gather(columns, from, points.subarray(next, next + room));
      next += room;
    }
  }

  /** Appends point `index` of `from`; only while not `full`. */
  append(from: BuildColumns, index: number): void {
    BuildColumns.push(this.next(), from, index);
  }

  /** Moves the points in memory to the file. */
  flush(): void {
    const { count } = this.#columns;
    if (count === 0) return;
    const columns = BuildColumns.arrays(this.#columns).map((array) => bytesOf(array.subarray(0, count)));
    const isStored = columns.map((bytes, column) => column < PLACE_COLUMNS || !areZero(bytes));
    const file = openSync(this.#options.path, this.#isWritten ? 'a' : 'wx');
    try {
      writeFully(
        file,
        columns.filter((_, column) => isStored[column]),
      );
    } finally {
      closeSync(file);
    }
    this.#blocks.push({ count, isStored });
    this.#flushed += count;
    this.#columns.count = 0;
  }

  /** From now on, points have only these attributes, by their indices. No points may follow. */
  select(attributes: readonly number[]): void {
    this.#selected = attributes;
  }

  /** All points in one piece, which must fit into memory: that of `scratch` if they are in the file. */
  load(scratch = new ColumnScratch()): BuildColumns {
    const inMemory = this.#selection(this.#columns);
    if (!this.#isWritten) return inMemory;
    const all = scratch.take(this.count, inMemory);
    for (const _ of this.#read(() => all));
    BuildColumns.append(all, inMemory);
    return all;
  }

  /** Yields the points block by block, in their order; a block is valid until the next one. */
  *blocks(): Generator<BuildColumns> {
    const inMemory = this.#selection(this.#columns);
    const scratch = new ColumnScratch();
    yield* this.#read((count) => scratch.take(count, inMemory));
    if (inMemory.count > 0) yield inMemory;
  }

  /** Likewise, but only where they are. */
  *places(): Generator<PlaceColumns> {
    const inMemory: BuildColumns = { ...this.#columns, intensity: null, attributes: [] };
    const scratch = new ColumnScratch();
    yield* this.#read((count) => scratch.take(count, inMemory), PLACE_COLUMNS);
    if (inMemory.count > 0) yield inMemory;
  }

  get #isWritten(): boolean {
    return this.#blocks.length > 0;
  }

  /** Appends each block of the file to the columns for so many points, and yields those. */
  *#read(columnsFor: (count: number) => BuildColumns, mostColumns = Infinity): Generator<BuildColumns> {
    if (!this.#isWritten) return;
    const elementBytes = BuildColumns.arrays(this.#columns).map((array) => array.BYTES_PER_ELEMENT);
    const places = this.#placesInSelection();
    const file = openSync(this.#options.path, 'r');
    try {
      let position = 0;
      for (const { count, isStored } of this.#blocks) {
        const to = columnsFor(count);
        const arrays = BuildColumns.arrays(to);
        for (const [column, bytes] of elementBytes.entries()) {
          const place = places[column]!;
          if (place !== -1 && place < mostColumns) {
            const part = arrays[place]!.subarray(to.count, to.count + count);
            if (isStored[column]) readFully(file, bytesOf(part), position);
            else part.fill(0);
          }
          if (isStored[column]) position += bytes * count;
        }
        to.count += count;
        yield to;
      }
    } finally {
      closeSync(file);
    }
  }

  #selection(columns: BuildColumns): BuildColumns {
    if (this.#selected === null) return columns;
    return { ...columns, attributes: this.#selected.map((index) => columns.attributes[index]!) };
  }

  /** For each column of the file, its place among those that are given back; -1: it is not. */
  #placesInSelection(): number[] {
    const first = PLACE_COLUMNS + (this.#columns.intensity === null ? 0 : 1);
    return BuildColumns.arrays(this.#columns).map((_, column) => {
      if (column < first || this.#selected === null) return column;
      const place = this.#selected.indexOf(column - first);
      return place === -1 ? -1 : first + place;
    });
  }

  #allocate(capacity: number): BuildColumns {
    return BuildColumns.allocate(capacity, this.#options.intensity, this.#options.attributes);
  }

  /** Frees memory and file. */
  discard(): void {
    this.#flushed = this.count;
    this.#columns = this.#allocate(0);
    if (this.#isWritten) rmSync(this.#options.path, { force: true });
  }
}

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Columns begin at a whole word. */
function areZero(bytes: Uint8Array): boolean {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  for (let i = 0; i < words.length; i++) if (words[i] !== 0) return false;
  for (let i = 4 * words.length; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return true;
}

function writeFully(file: number, parts: Uint8Array[]): void {
  for (let left = parts; left.length > 0; ) {
    let written = writevSync(file, left);
    // A disk that is full takes a part of it first, then nothing.
    left = left.flatMap((part) => {
      const done = Math.min(written, part.length);
      written -= done;
      return done === part.length ? [] : [part.subarray(done)];
    });
  }
}

function readFully(file: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    const bytesRead = readSync(file, bytes, done, bytes.length - done, position + done);
    if (bytesRead === 0) throw new Error(`a temporary file ends early, at byte ${position + done}`);
    done += bytesRead;
  }
}
