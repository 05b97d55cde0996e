/** Draws the points, and the boxes over them. */
export { Overlay } from './overlay.ts';
export { Stage } from './stage.ts';
