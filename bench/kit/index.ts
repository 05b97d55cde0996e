/** The door of `bench/kit/`. */
export { writeBetween } from './docs-section.ts';
export { type LabelledClick, labelledClicks, meanIou } from './labelled-clicks.ts';
export { type LabelledSequence, labelledSequence } from './labelled-sequence.ts';
export { machineLine, medianOf, quantile } from './machine.ts';
export { cpuMsOf, residentMiBOf } from './processes.ts';
export { LINE_WIDTH, wrapped } from './wrapped.ts';
