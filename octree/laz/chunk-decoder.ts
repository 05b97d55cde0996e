/**
 * Decodes LAZ chunks with wasm/laz.wasm.
 * laz-perf, the existing decoder for JavaScript, crosses into WebAssembly for every point, always decodes all
 * dimensions, does not know the length of its input, and does not detect damage (bench/speed/decode.ts).
 */

import { readFileSync } from 'node:fs';
import { WebAssembly } from '../../cache/foundation/index.ts';
import { checkChunkLayers } from './chunk-layers.ts';
import { HAS_COLOUR, isLayered, type PointRecords, RECORD_BYTES } from './point-format.ts';

/** The exports of laz.c, documented there. Pointers are offsets in `memory`, bytes. */
interface LazExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  input(bytes: number): number;
  begin_stream(bytes: number, format: number, extra: number, wanted: number): void;
  begin_layers(
    bytes: number,
    format: number,
    recordBytes: number,
    extra: number,
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

/** Numbers of the columns in laz.c. */
const COLUMN = {
  ...({ x: 0, y: 1, z: 2, intensity: 3, classification: 4, returns: 5, colour: 6 } as const),
  ...({ flags: 7, angle: 8, user: 9, source: 10, time: 11, infrared: 12, extra: 13 } as const),
} as const;
const WANT = { intensity: 1, classification: 2, colour: 4, others: 8 } as const;

/** Of the extra bytes of a record, only the first ones are returned. */
export const KEPT_EXTRA_BYTES = 64;

/** Most extra bytes per record: each one needs a model of its own. */
const MOST_EXTRA_BYTES = 1000;

/**
 * Dimensions besides the position. In formats 6 to 10, unwanted ones cost nothing and their columns are
 * undefined.
 */
export interface WantedDimensions {
  readonly intensity?: boolean;
  readonly classification?: boolean;
  /** Only formats 2, 3, 5, 7, 8 and 10 have it. */
  readonly colour?: boolean;
  /** All others, but waveforms. Needs the dimensions above as well. */
  readonly others?: boolean;
}

/** Views of the memory of the decoder: valid until its next use. */
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
  /**
   * Flags of the class in the low four bits (of formats 0 to 5: three), then one bit each for scan direction
   * and edge of flight line; the scanner channel in the two highest.
   */
  readonly flags: Uint8Array;
  /** Formats 0 to 5: whole degrees; others: 0.006 degrees. */
  readonly angle: Int16Array;
  readonly user: Uint8Array;
  readonly source: Uint16Array;
  readonly time: Float64Array;
  readonly infrared: Uint16Array;
  /** The extra bytes of each point, at most KEPT_EXTRA_BYTES. */
  readonly extra: Uint8Array;
}

let module: object | null = null;

function instantiate(): LazExports {
  module ??= new WebAssembly.Module(readFileSync(new URL('./wasm/laz.wasm', import.meta.url)));
  return new WebAssembly.Instance(module).exports as LazExports;
}

/** Decodes one chunk at a time. Users of a shared instance must finish a chunk before another one begins. */
export class ChunkDecoder {
  /** Largest count for `next`. */
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

  /** Begins a chunk of `count` (1 or more) points. Throws an Error that says what is wrong. */
  begin(bytes: Uint8Array, count: number, records: PointRecords, wanted: WantedDimensions = {}): void {
    const { pointFormat, recordBytes, itemVersion = 3 } = records;
    const extra = recordBytes - RECORD_BYTES[pointFormat];
    if (extra > MOST_EXTRA_BYTES) throw new Error(`${extra} extra bytes are more than ${MOST_EXTRA_BYTES}`);
    if (bytes.length < recordBytes) throw new Error(`${bytes.length} bytes are too few for a chunk`);
    const { intensity, classification, colour, others } = wanted;
    const want =
      (intensity ? WANT.intensity : 0) |
      (classification ? WANT.classification : 0) |
      (colour && HAS_COLOUR.has(pointFormat) ? WANT.colour : 0) |
      (others ? WANT.others : 0);
    if (isLayered(pointFormat)) {
      const layers = checkChunkLayers(bytes, count, records);
      this.#put(bytes);
      this.#guard(() =>
        this.#exports.begin_layers(
          bytes.length,
          pointFormat,
          recordBytes,
          extra,
          layers,
          count,
          want,
          itemVersion,
        ),
      );
    } else {
      this.#put(bytes);
      this.#guard(() => this.#exports.begin_stream(bytes.length, pointFormat, extra, want));
    }
  }

  /** Begins the rows of a chunk table, without its header. `varies`: rows have points as well as bytes. */
  beginTable(bytes: Uint8Array, varies: boolean): void {
    this.#put(bytes);
    this.#guard(() => this.#exports.begin_table(bytes.length, varies ? 1 : 0));
  }

  /**
   * Decodes the next `count` points, or rows of a table (points in x, bytes in y), at most `batchPoints`.
   * Throws an Error if the data are damaged.
   */
  next(count: number): DecodedBatch {
    this.#guard(() => this.#exports.decode(count));
    return this.#batch;
  }

  /**
   * Call it after the last point. Throws an Error unless the decoder has consumed the whole chunk: after a
   * wrong bit it hardly ever ends exactly there. LAZ has no checksum; this is the best available check.
   */
  finish(): void {
    if (this.#exports.is_finished() === 0)
      throw new Error(
        'the compressed points are damaged, or there are more than promised: they do not end where their bytes do',
      );
  }

  #put(bytes: Uint8Array): void {
    const at = this.#exports.input(bytes.length);
    if (at === 0) throw new Error(`no room for ${bytes.length} bytes of LAZ`);
    new Uint8Array(this.#exports.memory.buffer, at, bytes.length).set(bytes);
    // Views of a memory that has grown are detached: their length is 0.
    if (this.#batch.x.length === 0) this.#batch = this.#views();
  }

  /**
   * The module traps on bytes that no encoder writes. The instance is then replaced: a trap does not unwind
   * its stack, so some hundred traps would exhaust it. A new instance costs far less than the preceding
   * fetch.
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
      flags: new Uint8Array(buffer, column(COLUMN.flags), points),
      angle: new Int16Array(buffer, column(COLUMN.angle), points),
      user: new Uint8Array(buffer, column(COLUMN.user), points),
      source: new Uint16Array(buffer, column(COLUMN.source), points),
      time: new Float64Array(buffer, column(COLUMN.time), points),
      infrared: new Uint16Array(buffer, column(COLUMN.infrared), points),
      extra: new Uint8Array(buffer, column(COLUMN.extra), KEPT_EXTRA_BYTES * points),
    };
  }
}

/**
 * An instance with more memory than this is dropped after use, so that one huge chunk does not hold memory
 * forever.
 */
const MOST_KEPT_BYTES = 32 * 1024 * 1024;

let kept: ChunkDecoder | null = null;

/** Bytes of WebAssembly memory that LAZ decoding holds in this thread. */
export function lazMemoryBytes(): number {
  return kept?.memoryBytes ?? 0;
}

/** Runs synchronous work with the decoder of this thread. */
export function withChunkDecoder<Result>(work: (decoder: ChunkDecoder) => Result): Result {
  const decoder = kept ?? new ChunkDecoder();
  kept = decoder;
  try {
    return work(decoder);
  } finally {
    if (decoder.memoryBytes > MOST_KEPT_BYTES) kept = null;
  }
}
