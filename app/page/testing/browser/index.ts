/** Chromium, and what there is to click in labelled frames: for tests, benchmarks and pictures. */
export { chromiumPath, launchChromium, STEP_MS } from './chromium.ts';
export { Fingers } from './fingers.ts';
export { holdCalls, LABEL_CALLS } from './hold-calls.ts';
export { facingPlace, type LabelledObject, labelledObjects } from './labelled-frames.ts';
