/** Binary PLY records of different lengths, because they contain lists. */

import type { PlyElement, PlyProperty } from '../../../ply/header/index.ts';
import { NUMBER_BYTES, numberReader, type ReadNumber } from '../../points/index.ts';
import { storedType } from '../dimensions/index.ts';
import type { InputFile } from '../input-file.ts';
import { badInput } from '../point-input.ts';

const WINDOW_BYTES = 1024 * 1024;

/** Reads a file sequentially through a window. */
export class ForwardReader {
  at: number;
  readonly #file: InputFile;
  #window: DataView = new DataView(new ArrayBuffer(0));
  #windowAt: number;

  constructor(file: InputFile, start: number) {
    this.#file = file;
    this.at = start;
    this.#windowAt = start;
  }

  /** True if the next `length` bytes can be read without waiting. */
  has(length: number): boolean {
    return this.at >= this.#windowAt && this.at + length <= this.#windowAt + this.#window.byteLength;
  }

  /** Waits until `has(length)`. */
  async fill(length: number): Promise<void> {
    const bytes = Math.max(length, Math.min(WINDOW_BYTES, this.#file.size - this.at));
    const window = await this.#file.read(this.at, bytes);
    this.#window = new DataView(window.buffer, window.byteOffset, window.byteLength);
    this.#windowAt = this.at;
  }

  /** Reads a number of `bytes` bytes, which must be available, and advances. */
  take(read: ReadNumber, bytes: number): number {
    const value = read(this.#window, this.at - this.#windowAt);
    this.at += bytes;
    return value;
  }

  /** Skips bytes. */
  skip(bytes: number): void {
    this.at += bytes;
    if (this.at > this.#file.size)
      throw badInput(this.#file.path, `is cut off: a list goes on to byte ${this.at}`);
  }
}

/** How to read a property: a single value, or a list that is skipped. */
export interface PropertyReader {
  readonly bytes: number;
  readonly read: ReadNumber;
  /** Bytes of each value of a list; 0 if the property is one value. */
  readonly listBytes: number;
}

export function propertyReader(property: PlyProperty, littleEndian: boolean): PropertyReader {
  const { type, listLength } = property;
  const counter = listLength ?? storedType(property);
  return {
    bytes: NUMBER_BYTES[counter],
    read: numberReader(counter, littleEndian),
    listBytes: listLength === null ? 0 : NUMBER_BYTES[type],
  };
}

/** Skips a list whose length has just been read. */
export function skipList(reader: ForwardReader, length: number, listBytes: number, path: string): void {
  if (length < 0) throw badInput(path, `a list before byte ${reader.at} has a length of ${length}`);
  reader.skip(length * listBytes);
}

/** Returns the byte after an element that begins at byte `start`. */
export async function endOfElement(
  file: InputFile,
  { name, count, properties }: PlyElement,
  start: number,
  littleEndian: boolean,
): Promise<number> {
  if (properties.every(({ listLength }) => listLength === null)) {
    const end = start + count * properties.reduce((bytes, { type }) => bytes + NUMBER_BYTES[type], 0);
    if (end > file.size)
      throw badInput(file.path, `is cut off: element ${name} goes on to byte ${end} of ${file.size}`);
    return end;
  }
  const reader = new ForwardReader(file, start);
  const readers = properties.map((property) => propertyReader(property, littleEndian));
  for (let i = 0; i < count; i++) {
    for (const { bytes, read, listBytes } of readers) {
      if (!reader.has(bytes)) await reader.fill(bytes);
      const value = reader.take(read, bytes);
      if (listBytes > 0) skipList(reader, value, listBytes, file.path);
    }
  }
  return reader.at;
}
