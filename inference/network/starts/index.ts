/** The door of `inference/network/starts/`: the boxes that refinement starts from. */
export { nearestPoint } from './hint-points.ts';
export type { RunningFit } from './running-fit.ts';
export { drawn, PROPOSAL_POINTS, quarterTurned, Starts } from './starts.ts';
