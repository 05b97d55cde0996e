/**
 * Zstandard for complete buffers. A WebAssembly build of the reference library decompresses into memory of a
 * size that is known before. Node's own decompressor (>= 22.15, 23.8) is a quarter faster, but each call
 * leaves a stream, its context and its output to the garbage collector, which costs more in the long run
 * (docs/speed.md). Node's compressor is used where it exists.
 */
import { createRequire } from 'node:module';
import zlib from 'node:zlib';
import xxhash, { type XXHashAPI } from 'xxhash-wasm';
import { frameBounds } from './zstd-frames.ts';

/** Functions that the type declarations for our lowest Node version lack. */
interface NodeZstd {
  readonly zstdCompressSync?: (bytes: Uint8Array, options: { params: Record<number, number> }) => Uint8Array;
}

/** The exports of the WebAssembly build that are used here. They return FAILED for any error. */
interface ZstdWasm {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  _compressBound(bytes: number): number;
  _compress(to: number, capacity: number, from: number, bytes: number, level: number): number;
  _decompress(to: number, capacity: number, from: number, bytes: number): number;
}

const FAILED = -1;

/** Default compression level: that of the library. */
const DEFAULT_LEVEL = 3;
/** ZSTD_c_compressionLevel and ZSTD_c_checksumFlag of zstd.h. */
const COMPRESSION_LEVEL = 100;
const CHECKSUM_FLAG = 201;

/** Offset of the frame descriptor, behind the magic number, and its checksum bit (RFC 8878, 3.1.1). */
const DESCRIPTOR_AT = 4;
const HAS_CHECKSUM = 0b100;

const native = zlib as unknown as NodeZstd;
let wasm: ZstdWasm | null = null;
/** For the checksums of frames that the WebAssembly build writes. */
let hashes: XXHashAPI | null = null;
let loading: Promise<void> | null = null;
let isRenewing = false;

/** Bytes that are hashed at once. */
const HASHED_BYTES = 256 * 1024;
/** An instance with more memory than this is replaced after use. */
const MAX_KEPT_BYTES = 32 * 1024 * 1024;

/** Loads the library. Await it before the first compression or decompression; later calls cost nothing. */
export function zstdReady(): Promise<void> {
  loading ??= loadWasm();
  return loading;
}

/**
 * Decompresses one or more complete frames, whose content must have exactly `expectedSize` bytes, and returns
 * the result of `read`. The bytes passed to `read` lie in the memory of the library and are valid only during
 * the call, so nothing is copied or left to the garbage collector. Throws an Error if the content has another
 * size or the frames are damaged.
 */
export function readZstd<T>(bytes: Uint8Array, expectedSize: number, read: (content: Uint8Array) => T): T {
  checkFrames(bytes, expectedSize);
  const library = ready();
  return withInput(
    library,
    bytes,
    expectedSize,
    (from, to, capacity) => library._decompress(to, capacity, from, bytes.byteLength),
    (content) => {
      if (content.byteLength !== expectedSize) throw new Error(wrongSize(content.byteLength, expectedSize));
      return read(content);
    },
  );
}

/**
 * Checks, before memory is allocated, that the expected size is what the frames declare and what their blocks
 * can hold.
 */
function checkFrames(bytes: Uint8Array, expectedSize: number): void {
  const { declared, atMost } = frameBounds(bytes);
  if (declared !== null && declared !== expectedSize) throw new Error(wrongSize(declared, expectedSize));
  if (atMost < expectedSize)
    throw new Error(`zstandard content has at most ${atMost} bytes instead of ${expectedSize}`);
}

function wrongSize(size: number, expected: number): string {
  return `zstandard content has ${size} bytes instead of ${expected}`;
}

/** Decompresses into a new array, see `readZstd`. */
export function zstdDecompress(bytes: Uint8Array, expectedSize: number): Uint8Array {
  return readZstd(bytes, expectedSize, (content) => content.slice());
}

/**
 * Compresses into one frame, with content size and checksum: without a checksum, most damage would decode
 * silently. Levels 1 to 22.
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

/**
 * Appends the checksum, which the WebAssembly build cannot write: the low four bytes of the XXH64 of the
 * content (RFC 8878, 3.1.1).
 */
function withChecksum(frame: Uint8Array, content: Uint8Array): Uint8Array {
  const checked = new Uint8Array(frame.byteLength + 4);
  checked.set(frame);
  checked[DESCRIPTOR_AT]! |= HAS_CHECKSUM;
  new DataView(checked.buffer).setUint32(frame.byteLength, checksum(content), true);
  return checked;
}

/** In pieces, because the memory of the hash never shrinks. */
function checksum(content: Uint8Array): number {
  if (hashes === null) throw notReady();
  const hash = hashes.create64();
  for (let at = 0; at < content.byteLength; at += HASHED_BYTES)
    hash.update(content.subarray(at, at + HASHED_BYTES));
  return Number(BigInt.asUintN(32, hash.digest()));
}

/**
 * Copies `bytes` into the memory of the library, runs `work` with `capacity` bytes of output, and passes the
 * output to `read`.
 */
function withInput<T>(
  library: ZstdWasm,
  bytes: Uint8Array,
  capacity: number,
  work: (from: number, to: number, capacity: number) => number,
  read: (output: Uint8Array) => T,
): T {
  // malloc(0) may return null, which would look like a failure.
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
    if (library.HEAPU8.byteLength > MAX_KEPT_BYTES) renew(library);
  }
}

function ready(): ZstdWasm {
  if (wasm === null) throw notReady();
  return wasm;
}

function notReady(): Error {
  return new Error('await zstdReady() before using zstandard');
}

/**
 * Loads the raw library of the package: the functions of the package do not notice a failed malloc, and copy
 * once more than needed. This build is the fastest of those available (docs/speed.md).
 */
async function loadWasm(): Promise<void> {
  [wasm, hashes] = await Promise.all([newLibrary(), native.zstdCompressSync === undefined ? xxhash() : null]);
}

/**
 * Replaces an instance whose memory has grown. WebAssembly memory never shrinks, so one large node would hold
 * it forever.
 */
function renew(grown: ZstdWasm): void {
  if (wasm !== grown || isRenewing) return;
  isRenewing = true;
  newLibrary().then(
    (fresh) => {
      wasm = fresh;
      isRenewing = false;
    },
    () => {
      isRenewing = false;
    },
  );
}

/** Bytes of WebAssembly memory that zstandard holds in this thread. */
export function zstdMemoryBytes(): number {
  return wasm?.HEAPU8.byteLength ?? 0;
}

function newLibrary(): Promise<ZstdWasm> {
  const require = createRequire(import.meta.url);
  const load = require('@foxglove/wasm-zstd/dist/wasm-zstd.js') as () => Promise<ZstdWasm>;
  return load();
}
