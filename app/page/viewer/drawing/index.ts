/** Draws the points, and the boxes over them. */
export { Overlay, type OverlayContent } from './overlay.ts';
export { Stage } from './stage.ts';
