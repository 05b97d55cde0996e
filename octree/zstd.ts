/**
 * Zstandard for whole buffers: Node's own (>= 22.15, 23.8) or, on older Nodes, a WebAssembly build of the reference library.
 * Both write the output into room that the caller sized, so a hostile frame cannot make it grow.
 */
import { createRequire } from 'node:module';
import zlib from 'node:zlib';
import { xxhash64Low } from './xxhash64.ts';

/** What the @types/node of our lowest Node does not know yet. */
interface NodeZstd {
  readonly zstdDecompressSync?: (
    bytes: Uint8Array,
    options: { maxOutputLength: number; chunkSize: number; info: true },
  ) => { buffer: Uint8Array; engine: { bytesWritten: number } };
  readonly zstdCompressSync?: (bytes: Uint8Array, options: { params: Record<number, number> }) => Uint8Array;
}

/** The exports of the reference library's WebAssembly build that are used here: the library's functions, which return FAILED for any error. */
interface ZstdWasm {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  _compressBound(bytes: number): number;
  _compress(to: number, capacity: number, from: number, bytes: number, level: number): number;
  _decompress(to: number, capacity: number, from: number, bytes: number): number;
}

const FAILED = -1;

/** Compression level that is used unless another is given: the library's own default. */
const DEFAULT_LEVEL = 3;
/** ZSTD_c_compressionLevel and ZSTD_c_checksumFlag of zstd.h. */
const COMPRESSION_LEVEL = 100;
const CHECKSUM_FLAG = 201;

/** Node takes no less. */
const LEAST_CHUNK_BYTES = 64;

/** Of a frame (RFC 8878, 3.1.1): the place of its descriptor, behind the magic number, and the bit there that announces a checksum. */
const DESCRIPTOR_AT = 4;
const HAS_CHECKSUM = 0b100;

const native = zlib as unknown as NodeZstd;
let wasm: ZstdWasm | null = null;
let loading: Promise<void> | null = null;

/** True where Node brings zstandard along, which takes about two thirds of the time of the WebAssembly build. */
export const ZSTD_IS_NATIVE =
  native.zstdDecompressSync !== undefined && native.zstdCompressSync !== undefined;

/** Must have resolved before the first (de)compression; later calls cost nothing. */
export function zstdReady(): Promise<void> {
  if (ZSTD_IS_NATIVE) return Promise.resolve();
  loading ??= loadWasm();
  return loading;
}

/**
 * What `read` makes of the content of one or more whole frames, which must be exactly `expectedSize` bytes. The bytes that `read` is given are gone
 * when it returns: where they lie in the library's memory, nothing is copied, and nothing left for the collector.
 * Throws an Error (what is wrong, no file name) if the content has another size, or if the frames are damaged.
 */
export function readZstd<T>(bytes: Uint8Array, expectedSize: number, read: (content: Uint8Array) => T): T {
  const checked = (content: Uint8Array) => {
    if (content.byteLength !== expectedSize) {
      throw new Error(`zstandard content has ${content.byteLength} bytes instead of ${expectedSize}`);
    }
    return read(content);
  };
  if (native.zstdDecompressSync !== undefined) return checked(nativeDecompress(bytes, expectedSize));
  const library = ready();
  return withInput(
    library,
    bytes,
    expectedSize,
    (from, to, capacity) => library._decompress(to, capacity, from, bytes.byteLength),
    checked,
  );
}

/** That content, to keep. */
export function zstdDecompress(bytes: Uint8Array, expectedSize: number): Uint8Array {
  return readZstd(bytes, expectedSize, (content) => (ZSTD_IS_NATIVE ? content : content.slice()));
}

/**
 * One frame, its content size in its header and a checksum of its content at its end: a frame without one decodes most damage to something else
 * without a word. Both decoders check it where it is. Levels 1..22.
 */
export function zstdCompress(bytes: Uint8Array, level: number = DEFAULT_LEVEL): Uint8Array {
  if (native.zstdCompressSync !== undefined) {
    return native.zstdCompressSync(bytes, {
      params: { [COMPRESSION_LEVEL]: level, [CHECKSUM_FLAG]: 1 },
    });
  }
  const library = ready();
  return withInput(
    library,
    bytes,
    library._compressBound(bytes.byteLength),
    (from, to, capacity) => library._compress(to, capacity, from, bytes.byteLength, level),
    (frame) => withChecksum(frame, bytes),
  );
}

/** The WebAssembly build has no function that writes it (RFC 8878, 3.1.1: the low four bytes of the content's XXH64, after the last block). */
function withChecksum(frame: Uint8Array, content: Uint8Array): Uint8Array {
  const checked = new Uint8Array(frame.byteLength + 4);
  checked.set(frame);
  checked[DESCRIPTOR_AT]! |= HAS_CHECKSUM;
  new DataView(checked.buffer).setUint32(frame.byteLength, xxhash64Low(content), true);
  return checked;
}

/** Node's call ends with the first frame and says nothing of what follows, so the frames are taken one by one. */
function nativeDecompress(bytes: Uint8Array, expectedSize: number): Uint8Array {
  const frames: Uint8Array[] = [];
  let size = 0;
  for (let from = 0; from < bytes.byteLength || frames.length === 0; ) {
    const { content, consumed } = nativeFrame(bytes.subarray(from), expectedSize - size, expectedSize);
    frames.push(content);
    size += content.byteLength;
    from += consumed;
  }
  return frames.length === 1 ? frames[0]! : Buffer.concat(frames, size);
}

function nativeFrame(
  bytes: Uint8Array,
  room: number,
  expectedSize: number,
): { content: Uint8Array; consumed: number } {
  try {
    const { buffer, engine } = native.zstdDecompressSync!(bytes, {
      maxOutputLength: Math.max(room, 1),
      // All of it in one piece: Node's default, 16 KiB, costs a call and a copy each.
      chunkSize: Math.max(room, LEAST_CHUNK_BYTES),
      info: true,
    });
    if (engine.bytesWritten === 0) throw new Error('nothing was read');
    return { content: buffer, consumed: engine.bytesWritten };
  } catch (cause) {
    const tooLarge = (cause as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
    const why = tooLarge ? `content has more than ${expectedSize} bytes` : 'frame is damaged';
    throw new Error(`zstandard ${why}`, { cause });
  }
}

/** Copies `bytes` into the library's memory, runs `work` with room for `capacity` bytes of output, and hands those to `read` where they are. */
function withInput<T>(
  library: ZstdWasm,
  bytes: Uint8Array,
  capacity: number,
  work: (from: number, to: number, capacity: number) => number,
  read: (output: Uint8Array) => T,
): T {
  // malloc(0) may be null, which would look like "no memory".
  const from = library._malloc(bytes.byteLength + 1);
  const to = from === 0 ? 0 : library._malloc(capacity + 1);
  try {
    if (from === 0 || to === 0)
      throw new Error(`zstandard found no room for ${bytes.byteLength + capacity} bytes`);
    library.HEAPU8.set(bytes, from);
    const size = work(from, to, capacity);
    if (size === FAILED) {
      throw new Error(`zstandard frame is damaged, or larger than ${capacity} bytes`);
    }
    return read(library.HEAPU8.subarray(to, to + size));
  } finally {
    if (to !== 0) library._free(to);
    if (from !== 0) library._free(from);
  }
}

function ready(): ZstdWasm {
  if (wasm === null) throw new Error('await zstdReady() before using zstandard');
  return wasm;
}

/**
 * The package's own functions do not notice a failed malloc, and copy once more than needed, so its raw library is used instead. Of the builds
 * that there are, this one is the quickest (docs/speed.md).
 */
async function loadWasm(): Promise<void> {
  const require = createRequire(import.meta.url);
  const load = require('@foxglove/wasm-zstd/dist/wasm-zstd.js') as () => Promise<ZstdWasm>;
  wasm = await load();
}
