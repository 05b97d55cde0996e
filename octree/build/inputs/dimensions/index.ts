/** The door of `octree/build/inputs/dimensions/`: dimensions by the names that programs give them. */
export { knownDimensions } from './known-dimensions.ts';
export { type InputAttribute, plainName, storedType } from './known-names.ts';
