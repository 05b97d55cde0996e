/** The crop grid's answers by a walk over all points, for tests to compare with. */
export { occlusionOfBox, occlusionOfClick } from './occlusion.ts';
export { proposeRowsByWalk, refineRowsByWalk, type Surroundings } from './rows.ts';
export { Sampler } from './sample.ts';
