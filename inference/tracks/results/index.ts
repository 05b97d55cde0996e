/** The door of `inference/tracks/results/`. */
export { movingLines } from './moving-lines.ts';
export { staticLines } from './static-lines.ts';
export { standsStill } from './static-test.ts';
export { isGone } from './status.ts';
