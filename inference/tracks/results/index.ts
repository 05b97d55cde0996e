/** The door of `inference/tracks/results/`. */
export { movingLines } from './moving-lines.ts';
export { staticLines } from './static-lines.ts';
export { displacementOf, farthest, standsStill } from './static-test.ts';
