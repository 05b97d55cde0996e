/** The door of `octree/build/output/targets/`. */
export type { CloudTarget } from './cloud-target.ts';
export { openTarget, splitOut } from './open-target.ts';
export { openPlainFiles, type PlainFiles } from './plain-files.ts';
