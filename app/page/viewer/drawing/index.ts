/** Draws the points, and the boxes over them. */
export { Overlay } from './overlay.ts';
export { Stage, type StageStats } from './stage.ts';
