/** The door of `inference/lassos/`. */

export { findInLasso } from './lasso.ts';
export { projectionOf, readLasso } from './lasso-hint.ts';
