/** Checks of finished boxes: what is unlikely to be right. Safe for browsers. */
export { checkFrames } from './check-frames.ts';
export { evidenceOf, REACH_METRES } from './evidence.ts';
export { type CheckedFrame, type Finding, findingText } from './finding.ts';
