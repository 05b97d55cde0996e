/** The door of `octree/build/inputs/`. */
export { cloudName } from './cloud-name.ts';
export { guessFormat, hasKnownEnding, INPUT_FORMATS, type InputFormat, parseInputFormat } from './format.ts';
export { whyUnopened } from './input-file.ts';
export { openInput } from './open.ts';
export { BadInput, badInput, PointBatch, type PointInput, wrongInput } from './point-input.ts';
