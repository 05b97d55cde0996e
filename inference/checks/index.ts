/** Checks of finished boxes: what is unlikely to be right. Safe for browsers. */
export { checkBoxes } from './check-boxes.ts';
export { type BoxEvidence, evidenceOf, REACH_METRES } from './evidence.ts';
export { type BoxFinding, type CheckedFrame, findingText } from './finding.ts';
