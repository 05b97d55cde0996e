/** The door of `octree/formats/potree1/`. */
export { parsePotree1Page } from './hierarchy.ts';
export { parsePotree1Metadata } from './metadata.ts';
export { nodeCorner } from './node-corner.ts';
export { potree1Format } from './potree1-format.ts';
