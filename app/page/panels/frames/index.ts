/** The list of frames. */
export { framesPanel } from './frames-panel.ts';
