/** The door of `octree/zstd/`. */
export { readZstd, zstdCompress, zstdDecompress, zstdMemoryBytes, zstdReady } from './zstd.ts';
