/** Boxes between the keyframes of a track, from their motion alone. Safe for browsers. */
export {
  type InterpolatedFrame,
  type InterpolationRequest,
  interpolate,
  type MotionKeyframe,
} from './interpolate.ts';
