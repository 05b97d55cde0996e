/** The test kit of the page, without a browser. */
export { anyBox, anyFrames, anyLabel } from './arbitraries.ts';
export { type Held, held } from './held.ts';
export { hasOpenLabelSchema, openLabelCheck } from './openlabel-schema.ts';
export { pageAnswer } from './page-answer.ts';
export { pngOf } from './png.ts';
