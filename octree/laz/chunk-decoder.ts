/**
 * LAZ chunks, decoded by wasm/laz.wasm. An own decoder, because laz-perf, the one that there is for JavaScript, crosses into WebAssembly for every
 * point, decodes every dimension whether it is asked for or not, is told no length, and notices no damage (bench/decode.ts).
 */
import { readFileSync } from 'node:fs';
import { checkChunkLayers } from './chunk-layers.ts';
import { HAS_COLOUR, isLayered, type PointRecords, RECORD_BYTES } from './point-format.ts';

/** What is used of the global `WebAssembly`: it is declared with the DOM's types, which a server has no use for. */
interface WebAssemblyGlobal {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: unknown };
  RuntimeError: new () => Error;
}

const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyGlobal };

/** The exports of laz.c, which says what they do. Pointers are bytes in `memory`. */
interface LazExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  input(bytes: number): number;
  begin_stream(bytes: number, format: number, extra: number): void;
  begin_layers(
    bytes: number,
    recordBytes: number,
    layers: number,
    points: number,
    wanted: number,
    version: number,
  ): void;
  begin_table(bytes: number, varies: number): void;
  decode(count: number): void;
  is_finished(): number;
  batch_points(): number;
  column(index: number): number;
}

/** Columns of laz.c, by number. */
const COLUMN = { x: 0, y: 1, z: 2, intensity: 3, classification: 4, returns: 5, colour: 6 } as const;
const WANT = { intensity: 1, classification: 2, colour: 4 } as const;

/** Records with more extra bytes than this are not read: each would take a model of its own. */
const MOST_EXTRA_BYTES = 1000;

/** Dimensions beside the position. Those that are not wanted cost nothing in formats 6 to 8; their columns are undefined. */
export interface WantedDimensions {
  readonly intensity?: boolean;
  readonly classification?: boolean;
  /** Only in formats that have it: 2, 3, 5, 7, 8 and 10. */
  readonly colour?: boolean;
}

/** Views into the decoder's memory: valid until it is used again. */
export interface DecodedBatch {
  readonly x: Int32Array;
  readonly y: Int32Array;
  readonly z: Int32Array;
  readonly intensity: Uint16Array;
  readonly classification: Uint8Array;
  /** Number of the return in the low four bits, number of returns in the high ones. */
  readonly returns: Uint8Array;
  /** Red, green, blue of each point. */
  readonly colour: Uint16Array;
}

let module: object | null = null;

function instantiate(): LazExports {
  module ??= new WebAssembly.Module(readFileSync(new URL('./wasm/laz.wasm', import.meta.url)));
  return new WebAssembly.Instance(module).exports as LazExports;
}

/** Decodes one chunk at a time. Whoever shares an instance must be done with a chunk before anything else begins one. */
export class ChunkDecoder {
  /** The most that `next` decodes at once. */
  readonly batchPoints: number;
  #exports: LazExports;
  #batch: DecodedBatch;

  constructor() {
    this.#exports = instantiate();
    this.batchPoints = this.#exports.batch_points();
    this.#batch = this.#views();
  }

  /** Bytes of memory in use; it never shrinks. */
  get memoryBytes(): number {
    return this.#exports.memory.buffer.byteLength;
  }

  /** Begins a chunk of `count` (1 or more) points. Throws an Error that says what does not fit. */
  begin(bytes: Uint8Array, count: number, records: PointRecords, wanted: WantedDimensions = {}): void {
    const { pointFormat, recordBytes, itemVersion = 3 } = records;
    const extra = recordBytes - RECORD_BYTES[pointFormat];
    if (extra > MOST_EXTRA_BYTES) throw new Error(`${extra} extra bytes are more than ${MOST_EXTRA_BYTES}`);
    if (bytes.length < recordBytes) throw new Error(`${bytes.length} bytes are too few for a chunk`);
    if (isLayered(pointFormat)) {
      const layers = checkChunkLayers(bytes, count, records);
      this.#put(bytes);
      const { intensity, classification, colour } = wanted;
      const want =
        (intensity ? WANT.intensity : 0) |
        (classification ? WANT.classification : 0) |
        (colour && HAS_COLOUR.has(pointFormat) ? WANT.colour : 0);
      this.#guard(() =>
        this.#exports.begin_layers(bytes.length, recordBytes, layers, count, want, itemVersion),
      );
    } else {
      this.#put(bytes);
      this.#guard(() => this.#exports.begin_stream(bytes.length, pointFormat, extra));
    }
  }

  /** Begins the rows of a chunk table, behind its header. `varies`: they have points as well as bytes. */
  beginTable(bytes: Uint8Array, varies: boolean): void {
    this.#put(bytes);
    this.#guard(() => this.#exports.begin_table(bytes.length, varies ? 1 : 0));
  }

  /** Decodes the next `count` points, or rows of a table (points in x, bytes in y), at most `batchPoints`. Throws an Error on damage. */
  next(count: number): DecodedBatch {
    this.#guard(() => this.#exports.decode(count));
    return this.#batch;
  }

  /**
   * To be called after the last point. Throws an Error unless the decoder has come to the end of the chunk: where a bit is wrong it loses
   * its way and hardly ever ends there. LAZ has no checksum; this is as close as it comes.
   */
  finish(): void {
    if (this.#exports.is_finished() === 0)
      throw new Error('the compressed points are damaged: they do not end where their bytes do');
  }

  #put(bytes: Uint8Array): void {
    const at = this.#exports.input(bytes.length);
    if (at === 0) throw new Error(`no room for ${bytes.length} bytes of LAZ`);
    new Uint8Array(this.#exports.memory.buffer, at, bytes.length).set(bytes);
    // Views of a memory that has grown have no length any more.
    if (this.#batch.x.length === 0) this.#batch = this.#views();
  }

  /**
   * The module traps where the bytes are none that an encoder writes. The instance is thrown away then: its stack does not unwind, so that some
   * hundred traps would use it up. A new one costs far less than the fetch that it follows.
   */
  #guard(work: () => void): void {
    try {
      work();
    } catch (cause) {
      if (!(cause instanceof WebAssembly.RuntimeError)) throw cause;
      this.#exports = instantiate();
      this.#batch = this.#views();
      throw new Error('the compressed points are damaged', { cause });
    }
  }

  #views(): DecodedBatch {
    const { memory, column } = this.#exports;
    const { buffer } = memory;
    const points = this.batchPoints;
    return {
      x: new Int32Array(buffer, column(COLUMN.x), points),
      y: new Int32Array(buffer, column(COLUMN.y), points),
      z: new Int32Array(buffer, column(COLUMN.z), points),
      intensity: new Uint16Array(buffer, column(COLUMN.intensity), points),
      classification: new Uint8Array(buffer, column(COLUMN.classification), points),
      returns: new Uint8Array(buffer, column(COLUMN.returns), points),
      colour: new Uint16Array(buffer, column(COLUMN.colour), 3 * points),
    };
  }
}

/** Beyond this an instance is not kept: one huge chunk must not hold memory for good. */
const MOST_KEPT_BYTES = 32 * 1024 * 1024;

let kept: ChunkDecoder | null = null;

/** Bytes of WebAssembly memory that LAZ decoding holds in this thread. */
export function lazMemoryBytes(): number {
  return kept?.memoryBytes ?? 0;
}

/** This thread's decoder, for work that begins and ends without waiting. */
export function withChunkDecoder<Result>(work: (decoder: ChunkDecoder) => Result): Result {
  const decoder = kept ?? new ChunkDecoder();
  kept = decoder;
  try {
    return work(decoder);
  } finally {
    if (decoder.memoryBytes > MOST_KEPT_BYTES) kept = null;
  }
}
