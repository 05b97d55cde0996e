/** The door of `octree/build/inputs/npy/`. */
export { openNpy } from './npy.ts';
