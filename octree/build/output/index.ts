/** The door of `octree/build/output/`: what is written, and how it becomes visible. */
export { writeMetadata } from './metadata.ts';
export { type BuildEncoding, NodeWriter } from './node-writer.ts';
export { checkPlace, publishCloud } from './publish.ts';
