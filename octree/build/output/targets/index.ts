/** The door of `octree/build/output/targets/`. */
export type { CloudTarget } from './cloud-target.ts';
export { openTarget, splitOut } from './open-target.ts';
