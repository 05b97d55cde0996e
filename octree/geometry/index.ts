/** The door of `octree/geometry/`. */
export { Bounds, type Vec3 } from './bounds.ts';
export { Key, MAX_KEY_DEPTH } from './key.ts';
export { stepPad } from './node-pad.ts';
export { outward, roundingMargin } from './rounding.ts';
