/** The memory of wasm/unpack.wasm, with records and columns, and its functions. */
import { readFileSync } from 'node:fs';
import { WebAssembly } from '../../../../cache/foundation/index.ts';

/** The exports of unpack.c, documented there. Pointers are offsets in `memory`, bytes. */
interface UnpackExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  heap(): number;
  copy_1: Unpack;
  copy_2: Unpack;
  copy_4: Unpack;
  copy_8: Unpack;
  bits(count: number, from: number, stride: number, to: number, shift: number, mask: number): void;
  multiples(count: number, from: number, stride: number, to: number, factor: number): void;
  scaled_int32(count: number, from: number, stride: number, to: number, scale: number, offset: number): void;
  widen_float32: Unpack;
}

type Unpack = (count: number, from: number, stride: number, to: number) => void;

const PAGE_BYTES = 65_536;
/** All that is taken begins at a multiple of it. */
const ALIGNMENT = 16;
/** A larger memory is not kept: records of so many bytes are few. */
const MOST_KEPT_BYTES = 16 * 1024 * 1024;

export class UnpackMemory {
  static #module: object | null = null;
  /** For the next one: new memory has to be cleared. */
  static #spare: UnpackExports | null = null;
  readonly exports: UnpackExports;
  #free: number;

  /** With room for `parts` pieces of memory of so many bytes in all. */
  constructor(bytes: number, parts: number) {
    UnpackMemory.#module ??= new WebAssembly.Module(
      readFileSync(new URL('./wasm/unpack.wasm', import.meta.url)),
    );
    this.exports =
      UnpackMemory.#spare ?? (new WebAssembly.Instance(UnpackMemory.#module).exports as UnpackExports);
    UnpackMemory.#spare = null;
    const { memory, heap } = this.exports;
    this.#free = heap();
    const missing = this.#free + bytes + ALIGNMENT * parts - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
  }

  get buffer(): ArrayBuffer {
    return this.exports.memory.buffer;
  }

  /** The place of so many bytes that are not taken yet. */
  take(bytes: number): number {
    const at = Math.ceil(this.#free / ALIGNMENT) * ALIGNMENT;
    this.#free = at + bytes;
    return at;
  }

  /** Leaves the memory to the next one. It must not be used any more. */
  release(): void {
    if (this.buffer.byteLength <= MOST_KEPT_BYTES) UnpackMemory.#spare = this.exports;
  }
}
