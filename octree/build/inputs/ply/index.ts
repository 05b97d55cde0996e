/** The door of `octree/build/inputs/ply/`. */
export { openPly } from './ply.ts';
