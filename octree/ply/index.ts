/** The door of `octree/ply/`. */
export { encodePly, type PlyProperty } from './write-ply.ts';
