/** Boxes between the keyframes of a track, from their motion alone. Safe for browsers. */
export { interpolate } from './interpolate.ts';
