/** The door of `octree/build/inputs/e57/`. */
export { openE57 } from './e57.ts';
