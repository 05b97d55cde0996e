/** LAS and LAZ files, and the chunks of COPC. */
export {
  ChunkDecoder,
  type DecodedBatch,
  KEPT_EXTRA_BYTES,
  lazMemoryBytes,
} from './chunk-decoder.ts';
export { encodeChunk, encodeChunkTable } from './chunk-encoder.ts';
export { checkChunkLayers } from './chunk-layers.ts';
export { type ChunkPlace, readChunkTable } from './chunk-table.ts';
export { type Chunk, type ChunkColumns, decodeChunks, type WantedColumns } from './decode-chunk.ts';
export { LAS_HEAD_BYTES, type LasHeader, parseLasHeader } from './las-header.ts';
export { findLaszipRecord, type LaszipRecord } from './laszip-record.ts';
export { HAS_COLOUR, type PointFormat, type PointRecords, RECORD_BYTES } from './point-format.ts';
