/** The clicks that are rehearsed before a server is ready. */
import type { Vec3 } from '../../../octree/index.ts';

/** A cloud of the built-in demo. */
export const REHEARSED_FRAME = '000000';
/** On and beside a car of that frame: crops of several sizes. */
export const REHEARSED_PLACES: readonly Vec3[] = [
  [-7.2, 5.4, -1.1],
  [-9, 6, -1.2],
  [4, -4, -1.5],
  [12, 8, -1],
];
