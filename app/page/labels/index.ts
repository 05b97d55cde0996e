/** Keeps the labels: in this browser, and on the storage behind the server. */
export { LabelKeeper, type OpenedLabels } from './label-keeper.ts';
