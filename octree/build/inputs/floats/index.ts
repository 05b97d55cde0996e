/** The door of `octree/build/inputs/floats/`. */
export { FEWEST_FLOATS, MOST_FLOATS } from './float-stride.ts';
export { openRawFloats } from './raw-floats.ts';
