/**
 * Zstandard for whole buffers. A WebAssembly build of the reference library decompresses, into room that the caller sized, so that a hostile frame
 * cannot make it grow. Node's own (>= 22.15, 23.8) is a quarter faster at that, but every call leaves a stream, its context and its output to
 * the garbage collector, which costs more than that in the long run (docs/speed.md); it compresses where it is there.
 */
import { createRequire } from 'node:module';
import zlib from 'node:zlib';
import { xxhash64Low } from './xxhash64.ts';
import { frameBounds } from './zstd-frames.ts';

/** What the @types/node of our lowest Node does not know yet. */
interface NodeZstd {
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

/** Of a frame (RFC 8878, 3.1.1): the place of its descriptor, behind the magic number, and the bit there that announces a checksum. */
const DESCRIPTOR_AT = 4;
const HAS_CHECKSUM = 0b100;

const native = zlib as unknown as NodeZstd;
let wasm: ZstdWasm | null = null;
let loading: Promise<void> | null = null;
let isRenewing = false;

/** A library with more memory than this is replaced after use. */
const MAX_KEPT_BYTES = 32 * 1024 * 1024;

/** Must have resolved before the first (de)compression; later calls cost nothing. */
export function zstdReady(): Promise<void> {
  loading ??= loadWasm();
  return loading;
}

/**
 * What `read` makes of the content of one or more whole frames, which must be exactly `expectedSize` bytes. The bytes that `read` is given are gone
 * when it returns: they lie in the library's memory, so that nothing is copied, and nothing left to the collector.
 * Throws an Error (what is wrong, no file name) if the content has another size, or if the frames are damaged.
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

/** Before memory is taken for the content: what is expected must be what the frames declare, and what their blocks can hold. */
function checkFrames(bytes: Uint8Array, expectedSize: number): void {
  const { declared, atMost } = frameBounds(bytes);
  if (declared !== null && declared !== expectedSize) throw new Error(wrongSize(declared, expectedSize));
  if (atMost < expectedSize)
    throw new Error(`zstandard content has at most ${atMost} bytes instead of ${expectedSize}`);
}

function wrongSize(size: number, expected: number): string {
  return `zstandard content has ${size} bytes instead of ${expected}`;
}

/** That content, to keep. */
export function zstdDecompress(bytes: Uint8Array, expectedSize: number): Uint8Array {
  return readZstd(bytes, expectedSize, (content) => content.slice());
}

/**
 * One frame, its content size in its header and a checksum of its content at its end: a frame without one decodes most damage to something else
 * without a word. Levels 1..22.
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
    if (library.HEAPU8.byteLength > MAX_KEPT_BYTES) renew(library);
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
  wasm = await newLibrary();
}

/** Replaces a library whose memory has grown: it never shrinks, so that one large node would hold memory for good. */
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
