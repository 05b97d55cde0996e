/** The door of `octree/formats/potree2/`. */
export { parsePotree2Chunk } from './hierarchy.ts';
export { potree2NodeEncoding } from './layout.ts';
export { parsePotree2Metadata } from './metadata.ts';
export { potree2Format } from './potree2-format.ts';
