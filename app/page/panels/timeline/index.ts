/** The timeline under the view: an object a row, a frame a column. */
export { timelinePanel } from './timeline-panel.ts';
