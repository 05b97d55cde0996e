/** The door of `octree/build/inputs/text/`. */
export { readTextHeader } from './header-lines.ts';
export { readTextPoints } from './text-points.ts';
export { openXyz } from './xyz.ts';
