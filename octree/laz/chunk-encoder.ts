/** LAZ chunks, encoded by wasm/encode.wasm. */

import { readFileSync } from 'node:fs';
import { WebAssembly } from '../../cache/foundation/index.ts';
import { RECORD_BYTES } from './point-format.ts';

/** The exports of encode.c, which says what they do. Pointers are bytes in `memory`. */
interface EncoderExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  input(bytes: number): number;
  output(): number;
  encode(points: number, recordBytes: number, hasColour: number): number;
  encode_table(chunks: number): number;
}

/** Point formats that are written: without and with colour. */
export type EncodedFormat = 6 | 7;

/** Beyond this an instance is not kept: one huge chunk must not hold memory for good. */
const MOST_KEPT_BYTES = 64 * 1024 * 1024;

let module: object | null = null;
let kept: EncoderExports | null = null;

function encoder(): EncoderExports {
  if (kept !== null && kept.memory.buffer.byteLength <= MOST_KEPT_BYTES) return kept;
  module ??= new WebAssembly.Module(readFileSync(new URL('./wasm/encode.wasm', import.meta.url)));
  kept = new WebAssembly.Instance(module).exports as EncoderExports;
  return kept;
}

/**
 * The compressed chunk of these records (LASzip compressor 3, items of version 3). `records` are packed,
 * little-endian records of `format`, each of `recordBytes` bytes with its extra bytes, of scanner channel 0.
 * Throws an Error if there is no memory.
 */
export function encodeChunk(records: Uint8Array, recordBytes: number, format: EncodedFormat): Uint8Array {
  const count = records.byteLength / recordBytes;
  if (!Number.isInteger(count) || count === 0 || recordBytes < RECORD_BYTES[format])
    throw new RangeError(
      `${records.byteLength} bytes are not a multiple of ${recordBytes}, the bytes of a record`,
    );
  const exports = encoder();
  put(exports, records);
  return taken(exports, exports.encode(count, recordBytes, format === 7 ? 1 : 0));
}

/**
 * The rows of a LAZ file's chunk table, for chunks whose numbers of points vary (LASzip: laszipper,
 * "write_chunk_table"): behind the version (0) and the number of chunks, 32 bits each.
 */
export function encodeChunkTable(
  chunks: readonly { readonly points: number; readonly bytes: number }[],
): Uint8Array {
  const rows = Uint32Array.from(chunks.flatMap(({ points, bytes }) => [points, bytes]));
  const exports = encoder();
  put(exports, new Uint8Array(rows.buffer));
  const encoded = taken(exports, exports.encode_table(chunks.length));
  const table = new Uint8Array(8 + encoded.byteLength);
  new DataView(table.buffer).setUint32(4, chunks.length, true);
  table.set(encoded, 8);
  return table;
}

function put(exports: EncoderExports, bytes: Uint8Array): void {
  const at = exports.input(bytes.byteLength);
  if (at === 0) throw new Error(`no memory for ${bytes.byteLength} bytes of points`);
  new Uint8Array(exports.memory.buffer, at, bytes.byteLength).set(bytes);
}

function taken(exports: EncoderExports, length: number): Uint8Array {
  if (length === 0) throw new Error('no memory for the compressed points');
  return new Uint8Array(exports.memory.buffer, exports.output(), length).slice();
}
