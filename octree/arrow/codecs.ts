/** The two compressions of Arrow's IPC format, for the library, which brings none. */
import lz4 from '@foxglove/wasm-lz4';
import { CompressionType, compressionRegistry } from 'apache-arrow';
import { zstdDecompress, zstdReady } from '../zstd/index.ts';

const LENGTH_BYTES = 8;
const MAX_BYTES = 2 ** 30;

let ready: Promise<void> | undefined;

export function codecsReady(): Promise<void> {
  ready ??= prepare();
  return ready;
}

async function prepare(): Promise<void> {
  await Promise.all([zstdReady(), lz4.isLoaded]);
  compressionRegistry.set(CompressionType.ZSTD, {
    decode: (bytes) => zstdDecompress(bytes, lengthBefore(bytes)),
  });
  compressionRegistry.set(CompressionType.LZ4_FRAME, {
    decode: (bytes) => lz4(bytes, lengthBefore(bytes)),
  });
}

/**
 * What a buffer unpacks to: it stands in front of it (Arrow columnar format, "Compression"). The library
 * hands on the bytes behind it, of the same memory.
 */
function lengthBefore(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset - LENGTH_BYTES, LENGTH_BYTES);
  const length = Number(view.getBigInt64(0, true));
  if (!(length >= 0 && length <= MAX_BYTES)) throw new Error(`a column promises ${length} bytes`);
  return length;
}
