/** The door of `octree/build/output/`: what is written, and how it becomes visible. */

export type { BuildEncoding } from './build-encoding.ts';
export type { CloudPose, CloudRecord } from './cloud-record.ts';
export type { CloudWriter } from './cloud-writer.ts';
export { CopcWriter } from './copc/index.ts';
export { EptWriter } from './ept/index.ts';
export { fingerprint, hashFile } from './fingerprint.ts';
export {
  type CloudTarget,
  openPlainFiles,
  openTarget,
  type PlainFiles,
  splitOut,
} from './targets/index.ts';
