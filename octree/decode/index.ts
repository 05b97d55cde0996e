/** The door of `octree/decode/`. */
export type { DecodeJob, NodeEncoding } from './decode-job.ts';

export { decoderHeapBytes } from './decode-limits.ts';
export { decodeNode } from './decode-node.ts';
export { type PlaneLayout, planeBytes } from './decode-potree2-planes.ts';
export { InlineDecoders, type NodeDecoders, PooledDecoders } from './node-decoders.ts';
export { decodeRecords } from './records/index.ts';
