/** The door of `octree/build/layout/`: which point goes into which node. */
export { byPlace } from './by-place.ts';
export { chooseCube, cubeBounds, type StepCube } from './cube.ts';
export { layOut } from './layout.ts';
export { layOutLarge } from './layout-large.ts';
