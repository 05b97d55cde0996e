/** The door of `octree/build/output/`: what is written, and how it becomes visible. */

export type { BuildEncoding } from './build-encoding.ts';
export type { CloudPose, CloudRecord } from './cloud-record.ts';
export type { CloudTarget, ExistingCloud } from './cloud-target.ts';
export type { CloudWriter } from './cloud-writer.ts';
export { CopcWriter } from './copc-writer.ts';
export { EptWriter } from './ept-writer.ts';
export { fingerprint, hashFile } from './fingerprint.ts';
export { openTarget, splitOut } from './open-target.ts';
