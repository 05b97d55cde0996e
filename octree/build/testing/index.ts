/** The door of `octree/build/testing/`. */
export { filesOf, namesIn } from './folders.ts';
export { lzfCompress } from './lzf-compress.ts';
export { asMultiset, scenePoints, type TestPoint } from './points.ts';
export { readCloud } from './read-cloud.ts';
export { readAll, useScratch } from './scratch.ts';
export { type LasFile, lasBytes } from './write-las.ts';
export { type PcdColumn, type PcdForm, pcdBytes, pcdHeader } from './write-pcd.ts';
export { type PlyColumn, type PlyForm, type PlyTable, plyBytes } from './write-ply.ts';
export { floatBytes, kittiBytes, npyBytes, nuscenesBytes, textBytes } from './write-raw.ts';
