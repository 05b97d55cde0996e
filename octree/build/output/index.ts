/** The door of `octree/build/output/`: what is written, and how it becomes visible. */
export type { CloudTarget, ExistingCloud } from './cloud-target.ts';
export { fingerprint, hashFile } from './fingerprint.ts';
export { writeMetadata } from './metadata.ts';
export { type BuildEncoding, NodeWriter } from './node-writer.ts';
export { openTarget, splitOut } from './open-target.ts';
