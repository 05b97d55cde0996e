/** The door of `octree/build/inputs/las/`. */
export { openLas } from './las.ts';
