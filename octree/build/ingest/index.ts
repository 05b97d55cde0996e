/** The door of `octree/build/ingest/`: from inputs to points in steps of a scale. */
export { type IngestedPoints, ingest, type PosedInput, type WildPoints } from './ingest.ts';
export { composePoses, readPoses } from './poses.ts';
export { DEFAULT_SCALE } from './scale-choice.ts';
