/** The door of `inference/tracks/motion/`. */
export {
  ahead,
  boxOf,
  type MotionAxes,
  type MotionModel,
  type MotionState,
  measured,
  motionOf,
  smoothMotion,
  startOf,
  toAxes,
  velocityOf,
} from './motion.ts';
