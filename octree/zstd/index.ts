/** The door of `octree/zstd/`. */
export { readZstd, zstdCompress, zstdDecompress, zstdReady } from './zstd.ts';
