/** The door of `octree/build/inputs/dimensions/`: dimensions by the names that programs give them. */
export { intensityName } from './intensity-names.ts';
export { knownDimensions } from './known-dimensions.ts';
export { type InputAttribute, storedType } from './known-names.ts';
