/** The door of `octree/ply/`. */
export { type PlyFile, plyFile } from './ply-file.ts';
export { encodePly, type PlyColumn } from './write-ply.ts';
