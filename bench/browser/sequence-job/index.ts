/** The job of a sequence, done in the page as an annotator does it. */
export { Annotator } from './annotator.ts';
export { carryAll, carryByHand, correctTracks, drawFirstFrame } from './carry.ts';
export { type JobFrame, rightShare, scoredBoxes } from './right-boxes.ts';
export { passText, secondPass, teach } from './second-pass.ts';
