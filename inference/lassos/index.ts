/** The door of `inference/lassos/`. */

export { findInLasso } from './lasso.ts';
export { lookOf, readLasso } from './lasso-hint.ts';
