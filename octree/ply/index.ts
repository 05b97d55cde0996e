/** The door of `octree/ply/`. */
export { plyFile } from './ply-file.ts';
export { encodePly } from './write-ply.ts';
