/** The sequence merged by its poses. */
export { mergedPanel } from './merged-panel.ts';
