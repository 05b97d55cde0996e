/** The door of `octree/build/inputs/pcd/`. */
export { openPcd } from './pcd.ts';
