/** The door of `inference/ground/`. */
export { estimateGround, type GroundPlane, groundHeight } from './ground.ts';
